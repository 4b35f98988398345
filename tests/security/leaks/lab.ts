import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../../infra/bundling/free-port.ts'
import { Browser, type ReadAnswer } from '../../support/browser.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { type Emulator, startEmulator } from '../../support/emulator/emulator.ts'
import { ask } from '../../support/http.ts'
import { type MailServer, startMailServer } from '../../support/mail-server.ts'
import { type OtlpIngest, startOtlpIngest } from '../../support/otlp-ingest.ts'
import { type Ended, start, strongSecrets } from '../../support/process.ts'
import { type SentryIngest, startSentryIngest } from '../../support/sentry-ingest/sentry-ingest.ts'
import { type StripeEmulator, startStripeEmulator } from '../../support/stripe-emulator/stripe-emulator.ts'

const mark = (): string => randomBytes(24).toString('hex')

/** Values that must stay where they belong, by name. More join when they are made. */
function plant() {
  const { BYOK_MASTER_KEY, SESSION_SECRET } = strongSecrets()
  return {
    openaiKey: `sk-proj-test-${mark()}`,
    anthropicKey: `sk-ant-test-${mark()}`,
    cerebrasKey: `csk-test-${mark()}`,
    email: `canary.${mark()}@example.com`,
    password: `a "long" pässwörd ${mark()}`,
    prompt: `Tell <b>${mark()}</b> "of" the lighthouse & ${mark()}`,
    paymentNote: `paid by ${mark()}`,
    stripeKey: `sk_test_${mark()}`,
    webhookSecret: `whsec_${mark()}`,
    smtpPassword: `smtp-${mark()}`,
    masterKey: BYOK_MASTER_KEY,
    sessionSecret: SESSION_SECRET,
  }
}

export type Planted = ReturnType<typeof plant>

export interface LeakLab {
  readonly planted: Planted
  readonly emulator: Emulator
  readonly stripe: StripeEmulator
  readonly mail: MailServer
  readonly ingest: SentryIngest
  readonly collector: OtlpIngest
  readonly origin: string
  /** The mail server refuses all from now on, and repeats what it refuses. */
  refuseMail(): void
  browser(): Browser
  /** Adds a value that was made on the way. */
  add(name: string, value: string): void
  /** Keeps an answer to be searched. `owns` names the values that the caller asked for and may see in it. */
  keep<A extends Pick<ReadAnswer, 'text'>>(what: string, answer: A, owns?: readonly string[]): A
  /** Keeps bytes of any other sink. */
  keepBytes(what: string, bytes: Buffer, owns?: readonly string[]): void
  /** The codes of all problems that were answered. */
  codes(): ReadonlySet<string>
  /** Every file of the database and of the folder for temporary files. */
  keepFiles(): Promise<void>
  /** The figures for Prometheus; answers them. */
  keepMetrics(): Promise<string>
  /** Waits for a line of the log that holds this. */
  logged(text: string): Promise<void>
  /** Waits for the end of the process, and keeps what it wrote. */
  ended(): Promise<Ended>
  /** Every place that a value is found in, as `value in sink`. */
  found(): { readonly leaks: readonly string[]; readonly owned: readonly string[] }
  close(): Promise<void>
}

interface Kept {
  readonly what: string
  readonly bytes: Buffer
  readonly owns: readonly string[]
}

/** A router in a process of its own, at its most talkative, among services that repeat what they are sent. */
export async function openLeakLab(): Promise<LeakLab> {
  const folder = await mkdtemp(join(tmpdir(), 'oort-leaks-'))
  const [dataDir, scratch] = [join(folder, 'data'), join(folder, 'tmp')]
  await Promise.all([mkdir(dataDir), mkdir(scratch)])
  const planted = plant()
  const canaries = new Map<string, string>(Object.entries(planted))
  let refusing = false
  const mail = await startMailServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ password = '' }, _session, done) =>
      refusing ? done(new Error(`no user with ${password}`)) : done(null, { user: 'oort' }),
  })
  const emulator = await startEmulator()
  const ingest = await startSentryIngest()
  const collector = await startOtlpIngest()
  const stripe = await startStripeEmulator({ secretKey: planted.stripeKey, prices: ['price_pro'] })
  const publicUrl = 'https://oort.test'
  const metricsPort = await freePort()
  const router = start('tests/support/faulty-oort.ts', [], {
    NODE_ENV: 'test',
    TMPDIR: scratch,
    BYOK_MASTER_KEY: planted.masterKey,
    SESSION_SECRET: planted.sessionSecret,
    OORT_DATA_DIR: dataDir,
    OORT_PUBLIC_URL: publicUrl,
    OORT_LOG_LEVEL: 'trace',
    OORT_RATE_LIMIT: '0',
    OORT_METRICS_PORT: String(metricsPort),
    OORT_OPENAI_URL: emulator.origins.openai,
    OORT_ANTHROPIC_URL: emulator.origins.anthropic,
    OORT_CEREBRAS_URL: emulator.origins.cerebras,
    SMTP_URL: mail.url.replace('//', `//oort:${planted.smtpPassword}@`),
    SENTRY_DSN: ingest.dsn,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    STRIPE_SECRET_KEY: planted.stripeKey,
    STRIPE_WEBHOOK_SECRET: planted.webhookSecret,
    STRIPE_API_URL: stripe.origin,
    STRIPE_PRICE_PRO: 'price_pro',
  })
  const origin = await router.origin
  let heard = ''
  router.child.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk.toString()
  })
  const kept: Kept[] = []
  const codes = new Set<string>()
  const keepBytes: LeakLab['keepBytes'] = (what, bytes, owns = []) => void kept.push({ what, bytes, owns })

  return {
    planted,
    emulator,
    stripe,
    mail,
    ingest,
    collector,
    origin,
    refuseMail() {
      refusing = true
    },
    browser: () => new Browser(origin, publicUrl),
    add: (name, value) => void canaries.set(name, value),
    keep(what, answer, owns = []) {
      const headers = 'headers' in answer ? JSON.stringify([...(answer.headers as Headers)]) : ''
      keepBytes(what, Buffer.from(answer.text + headers), owns)
      for (const [, code = ''] of answer.text.matchAll(/"code":"([A-Z_]+)"/g)) codes.add(code)
      return answer
    },
    keepBytes,
    codes: () => codes,
    async keepFiles() {
      keepBytes('the files of the database', await bytesIn(dataDir))
      keepBytes('the temporary files', await bytesIn(scratch))
    },
    async keepMetrics() {
      const { text } = await ask(`http://127.0.0.1:${metricsPort}`, { path: '/metrics' })
      keepBytes('the figures', Buffer.from(text))
      return text
    },
    async logged(text) {
      for (let tries = 0; tries < 400 && !heard.includes(text); tries += 1) await pause(25)
    },
    async ended() {
      const ended = await router.ended
      keepBytes('standard output', Buffer.from(ended.stdout))
      keepBytes('standard error', Buffer.from(ended.stderr))
      keepBytes('Sentry', Buffer.from(JSON.stringify(ingest.deliveries)))
      keepBytes('the traces', Buffer.from(JSON.stringify(collector.deliveries)))
      return ended
    },
    found() {
      const names = [...canaries.keys()]
      const search = createByteSearch([...canaries.values()])
      const finds = kept.flatMap(({ what, bytes, owns }) =>
        [...search(bytes)].map((at) => ({ name: names[at] ?? '', what, owns })),
      )
      const [owned, leaks] = [true, false].map((own) =>
        finds.filter(({ name, owns }) => owns.includes(name) === own).map(({ name, what }) => `${name} in ${what}`),
      )
      return { owned: owned ?? [], leaks: leaks ?? [] }
    },
    async close() {
      router.child.kill('SIGKILL')
      await router.ended
      await Promise.all([mail.close(), emulator.close(), ingest.close(), collector.close(), stripe.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
