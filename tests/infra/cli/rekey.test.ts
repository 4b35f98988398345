import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProviderKeyId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { providerKeys, runs } from '../../../core/store/schema.ts'
import { openEverything } from '../../core/store/rekey-lab.ts'
import { addRuns } from '../../functions/export/lab.ts'
import { freshKey } from '../../functions/keys/lab.ts'
import { onPostgres } from '../../support/database.ts'
import { startOort } from '../../support/oort.ts'
import { strongSecrets } from '../../support/process.ts'
import { scopeOf, userByEmail } from '../../support/seed.ts'
import { oort, oortJson } from './lab.ts'

const runCount = 3_000
const oldEnv = { NODE_ENV: 'test', ...strongSecrets() }
const newKey = randomBytes(32).toString('base64')
const both = { ...oldEnv, BYOK_MASTER_KEY: newKey, BYOK_MASTER_KEY_PREVIOUS: oldEnv.BYOK_MASTER_KEY }

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'oort-rekey-live-'))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

test('K5 while a router keeps writing every acknowledged write stays, and all ends at the new version', {
  timeout: 120_000,
}, async () => {
  const before = await startOort({ dataDir, env: oldEnv })
  const { email } = await before.signedIn('live@example.com')
  const userId = await userByEmail(before.platform, email)
  await addRuns(before, scopeOf(before.platform, userId), 'live', runCount, { found: false })
  await before.close()

  const router = await startOort({ dataDir, env: both })
  const browser = await router.signedIn('writer@example.com')
  const writer = scopeOf(router.platform, await userByEmail(router.platform, browser.email))
  /** The newest key of each record that was acknowledged. */
  const acknowledged = new Map<ProviderKeyId, string>()
  const add = async (): Promise<void> => {
    const key = freshKey()
    const answer = await browser.post('/api/keys', { provider: 'openai', key })
    expect(answer.status).toBe(201)
    acknowledged.set(answer.json<{ id: ProviderKeyId }>().id, key)
  }
  const replace = async (id: ProviderKeyId): Promise<void> => {
    const key = freshKey()
    expect((await browser.send('PUT', `/api/keys/${id}`, { body: { key } })).status).toBe(200)
    acknowledged.set(id, key)
  }
  await add()
  await add()

  const env = { ...both, OORT_DATA_DIR: dataDir }
  let done = false
  const rekeyed = oortJson<{ readonly rows: number }>(env, 'keys', 'rekey').finally(() => {
    done = true
  })
  let writes = 0
  for (const ids = [...acknowledged.keys()]; !done; writes += 1) {
    await replace(ids[writes % ids.length] as ProviderKeyId)
    expect((await browser.get('/api/keys')).status).toBe(200)
  }
  const receipt = await rekeyed
  expect(receipt).toMatchObject({ version: 2, unopened: [], retired: [1], bytesErased: !onPostgres })
  expect(receipt.rows).toBeGreaterThanOrEqual(runCount)
  expect(writes).toBeGreaterThan(1)

  for (const [id, key] of acknowledged) {
    const opened = await writer.write((tx) =>
      tx.unseal(providerKeys, id, 'secret', { type: 'key.used', purpose: 'verification' }),
    )
    expect(opened).toBe(key)
  }
  expect((await openEverything(router)).versions).toEqual([2])
  expect(await scopeOf(router.platform, userId).count(runs)).toBe(runCount)
  expect(insideOf(router.platform).keyring.versions).toEqual([2, 1])
  await router.close()

  expect(await oortJson(env, 'keys', 'status')).toMatchObject({
    versions: [
      { version: 1, state: 'retired', values: 0 },
      { version: 2, state: 'current' },
    ],
  })
  expect((await oort({ ...env, BYOK_MASTER_KEY_PREVIOUS: '' }, 'audit', 'verify')).stdout).toMatch(/^INTACT /)
  expect(await oort({ ...oldEnv, OORT_DATA_DIR: dataDir }, 'keys', 'status')).toMatchObject({
    exitCode: 78,
    stderr: expect.stringContaining('retired'),
  })
})
