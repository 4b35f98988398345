import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { enrolAccount } from '../../core/accounts/enrol-account.ts'
import type { Clock } from '../../core/clock.ts'
import { parseConfig } from '../../core/config.ts'
import { hashPassword } from '../../core/crypto/passwords.ts'
import { createApp } from '../../core/http/app.ts'
import type { Capability } from '../../core/http/operation.ts'
import { createPlatform, type Platform } from '../../core/platform.ts'
import { type CapabilityName, capabilities, capabilityNames } from '../../infra/capabilities.ts'
import { Browser } from './browser.ts'
import { databaseIn } from './database.ts'

export const password = 'correct horse battery staple'

export interface OortOptions {
  /** Environment variables beside the secrets that are made here. */
  readonly env?: Readonly<Record<string, string>>
  readonly clock?: Clock
  /** An existing data directory (with its secrets in `env`), for restarts. It is then not removed at the end. */
  readonly dataDir?: string
  /** Operations beside those of every function. */
  readonly extra?: (platform: Platform) => Capability
  /** Functions to host in another form, such as with shorter times. */
  readonly replace?: Partial<Record<CapabilityName, (platform: Platform) => Capability>>
}

/** A whole Oort on a socket of its own, with a database in a folder that goes when it closes. */
export interface TestOort {
  readonly origin: string
  readonly publicUrl: string
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
  readonly platform: Platform
  readonly app: FastifyInstance
  readonly capabilities: readonly Capability[]
  /** Everything that was logged. */
  log(): string
  browser(): Browser
  /** A browser of a new user, who is signed in. */
  signedIn(email?: string): Promise<Browser & { readonly email: string }>
  close(): Promise<void>
}

const temporary = () => mkdtemp(join(tmpdir(), 'oort-test-'))

export async function startOort(options: OortOptions = {}): Promise<TestOort> {
  const dataDir = options.dataDir ?? (await temporary())
  const publicUrl = 'https://oort.test'
  const env = {
    NODE_ENV: 'test',
    BYOK_MASTER_KEY: randomBytes(32).toString('base64'),
    SESSION_SECRET: randomBytes(32).toString('base64'),
    OORT_DATA_DIR: dataDir,
    OORT_PUBLIC_URL: publicUrl,
    OORT_RATE_LIMIT: '0',
    ...databaseIn(dataDir),
    ...options.env,
  }
  const lines: string[] = []
  const logTo = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const platform = await createPlatform(parseConfig(env), {
    logTo,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  })
  const loaded: readonly Capability[] = [
    ...capabilityNames.map((name) =>
      (options.replace?.[name] ?? capabilities[name])(platform, () => loaded.flatMap(({ operations }) => operations)),
    ),
    ...(options.extra ? [options.extra(platform)] : []),
  ]
  const app = await createApp(platform, loaded)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const browser = () => new Browser(origin, publicUrl)
  return {
    origin,
    publicUrl,
    dataDir,
    env,
    platform,
    app,
    capabilities: loaded,
    log: () => lines.join(''),
    browser,
    async signedIn(email = `user-${randomBytes(6).toString('hex')}@example.com`) {
      const account = { email, passwordHash: await knownHash, emailVerifiedAt: platform.clock() }
      await enrolAccount(platform, account, 'req_test')
      const signedIn = browser()
      // From an address of its own, as different people are: limits by address are not what most tests are about.
      const from = { 'x-forwarded-for': `10.${[...randomBytes(3)].join('.')}` }
      const answer = await signedIn.post('/api/auth/sign-in', { email, password }, from)
      if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}: ${answer.text}`)
      return Object.assign(signedIn, { email })
    },
    async close() {
      await app.close()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Made once: hashing a password for each test user would be most of a test's time. */
const knownHash = hashPassword(password)
