import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { findAccount } from '../../../core/accounts/find-account.ts'
import type { Archive } from '../../../core/export/verify.mjs'
import { type Id, newId } from '../../../core/ids.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import {
  apiKeys,
  billingAccounts,
  knownDevices,
  mailTokens,
  passkeys,
  paymentEvents,
  providerKeys,
  recoveryCodes,
  runs,
  secondFactors,
  subscriptions,
} from '../../../core/store/schema.ts'
import { openZip } from '../../../infra/cli/open-zip.ts'
import type { Browser } from '../../support/browser.ts'
import type { TestOort } from '../../support/oort.ts'

export interface Progress {
  readonly id: Id<'export'>
  readonly state: string
  readonly rowsTotal: number
  readonly rowsWritten: number
  readonly bytesWritten: number
  readonly finishedAt: number | null
}

/** Values that must never leave, and texts that must. */
export interface Stock {
  readonly browser: Browser & { readonly email: string }
  readonly scope: UserScope
  readonly secrets: readonly (string | Buffer)[]
  readonly texts: readonly string[]
}

/** A user with rows in every table that a user owns. */
export async function stockedUser(oort: TestOort, mark: string, runCount = 3): Promise<Stock> {
  const browser = await oort.signedIn()
  const account = await findAccount(oort.platform, browser.email, 'req_test')
  if (account === undefined) throw new Error('the account that signed in is not there')
  const { scope } = account
  const secret = `sk-${mark}-${randomUUID()}`
  const hashes = Array.from({ length: 5 }, () => randomBytes(32)) as [Buffer, Buffer, Buffer, Buffer, Buffer]
  const [hash, mailHash, codeHash, deviceHash, publicKey] = hashes
  const label = `label of ${mark}`
  await scope.write(async (tx) => {
    const provider = 'openai'
    await tx.insert(
      providerKeys,
      { provider, label, lastFour: secret.slice(-4), fingerprint: 'f'.repeat(32), secret, updatedAt: 1 },
      { type: 'key.added', provider },
    )
    await tx.insert(
      apiKeys,
      { name: `program of ${mark}`, hash, lastFour: 'abcd', scopes: ['runs:create'] },
      { type: 'api_key.issued', scopes: ['runs:create'] },
    )
    await tx.insert(secondFactors, { secret: `totp ${secret}` }, { type: 'second_factor.added', kind: 'totp' })
    await tx.insert(
      passkeys,
      {
        credentialId: `credential of ${mark} ${randomUUID()}`,
        publicKey,
        counter: 0,
        transports: ['internal'],
        backedUp: false,
        label: `passkey of ${mark}`,
      },
      { type: 'passkey.added' },
    )
    await tx.insert(recoveryCodes, { hash: codeHash }, { type: 'recovery_code.made' })
    await tx.insert(knownDevices, { hash: deviceHash, lastSeenAt: 1 }, { type: 'device.noted' })
    await tx.insert(
      mailTokens,
      { purpose: 'verify_email', hash: mailHash, expiresAt: 1 },
      { type: 'mail_token.issued', purpose: 'verify_email' },
    )
    const stripe = (kind: string) => `${kind}_${mark}_${scope.userId.slice(-12)}`
    await tx.insert(billingAccounts, { customerId: stripe('cus') }, { type: 'billing.opened' })
    await tx.insert(
      subscriptions,
      { stripeId: stripe('sub'), status: 'active', priceIds: ['price_1'], position: '1', updatedAt: 1 },
      { type: 'subscription.changed', status: 'active' },
    )
    await tx.insert(
      paymentEvents,
      { stripeId: stripe('evt'), type: 'invoice.paid', outcome: 'applied', payload: stripe('payload'), occurredAt: 1 },
      { type: 'payment.received', outcome: 'applied' },
    )
  })
  await addRuns(oort, scope, mark, runCount)
  const texts = [
    browser.email,
    label,
    `program of ${mark}`,
    `passkey of ${mark}`,
    `prompt of ${mark}`,
    `output of ${mark}`,
    `payload_${mark}`,
  ]
  return { browser, scope, secrets: [secret, ...hashes, account.passwordHash], texts }
}

/** Adds runs with `length` characters in each prompt that do not compress, found by their words if so wished. */
export async function addRuns(
  oort: TestOort,
  scope: UserScope,
  mark: string,
  count: number,
  { length = 0, found = true }: { readonly length?: number; readonly found?: boolean } = {},
): Promise<void> {
  const providerKeyId = newId('providerKey')
  const { instanceId } = oort.platform
  const write = (from: number, to: number) =>
    scope.write(async (tx) => {
      for (let at = from; at < to; at += 1) {
        const noise = randomBytes(Math.ceil((length * 3) / 4)).toString('base64')
        await tx.insert(
          runs,
          {
            providerKeyId,
            endpoint: 'runs',
            provider: 'openai',
            model: 'gpt-test',
            state: 'succeeded',
            prompt: `prompt of ${mark} ${at} ${noise}`,
            output: `output of ${mark} ${at}\nsecond line \u2028 ünïcode`,
            instanceId,
          },
          { type: 'run.started', providerKeyId },
          found ? { searchText: `findable ${mark}` } : {},
        )
      }
    })
  // In portions, since a unit of work has its limit of time.
  for (let from = 0; from < count; from += 500) await write(from, Math.min(from + 500, count))
}

export async function begin(browser: Browser): Promise<Id<'export'>> {
  const answer = await browser.post('/api/export')
  if (answer.status !== 202) throw new Error(`POST /api/export answered ${answer.status}: ${answer.text}`)
  return answer.json<Progress>().id
}

export async function progressOf(browser: Browser, id: string): Promise<Progress> {
  return (await browser.get(`/api/export/${id}`)).json<Progress>()
}

/** The progress once it meets the condition, which it must within a few seconds. */
export async function progressWhen(
  browser: Browser,
  id: string,
  condition: (progress: Progress) => boolean,
): Promise<Progress> {
  for (let tries = 0; tries < 200; tries += 1) {
    const progress = await progressOf(browser, id)
    if (condition(progress)) return progress
    await wait(50)
  }
  throw new Error(`never so: ${JSON.stringify(await progressOf(browser, id))}`)
}

export async function download(browser: Browser, id: string): Promise<Buffer> {
  const answer = await browser.fetch('GET', `/api/export/${id}/download`)
  if (answer.status !== 200) throw new Error(`the download answered ${answer.status}: ${await answer.text()}`)
  return Buffer.from(await answer.arrayBuffer())
}

export async function exportOf(browser: Browser): Promise<Buffer> {
  return download(browser, await begin(browser))
}

/** Runs `work` on a file of these bytes in a folder of its own. */
export async function withFile<T>(bytes: Buffer, work: (path: string, folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'oort-export-'))
  try {
    const path = join(folder, 'export.zip')
    await writeFile(path, bytes)
    return await work(path, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export type Files = ReadonlyMap<string, Buffer>

/** Every file of an archive, in its order. */
export function unpack(zip: Buffer): Promise<Files> {
  return withFile(zip, async (path) => {
    const archive = await openZip(path)
    const files = new Map<string, Buffer>()
    for (const name of archive.names) files.set(name, Buffer.concat(await Array.fromAsync(archive.open(name))))
    archive.close()
    return files
  })
}

export function archiveOf(files: Files): Archive {
  return {
    names: [...files.keys()],
    async *open(name) {
      yield files.get(name) ?? Buffer.alloc(0)
    },
  }
}

export function rowsOf(files: Files, name: string): Record<string, unknown>[] {
  const text = files.get(name)?.toString('utf8') ?? ''
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
