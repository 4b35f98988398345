import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { liveRunsOf } from '../../../core/runs/live-runs.ts'
import { countAppended } from '../../../core/store/audit-rows.ts'
import { countByVersion } from '../../../core/store/count-by-version.ts'
import { instances } from '../../../core/store/schema.ts'
import { version } from '../../../core/version.ts'
import { scopeOf } from '../../support/seed.ts'
import { type Lab, openLab, type Person } from '../runs/lab.ts'
import { administrator } from './lab.ts'

let lab: Lab
let admin: Person
beforeAll(async () => {
  lab = await openLab()
  admin = await administrator(lab)
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Health {
  readonly database: { readonly bytes: number }
  readonly keyVersions: readonly { readonly version: number; readonly values: number }[]
  readonly instances: readonly { readonly id: string }[]
  readonly lastCheckpoint: { readonly n: number; readonly rows: number } | null
}

const look = async () => (await admin.browser.get('/api/admin/health')).json<Health>()

test('tells build, settings, sizes, keys and what is configured', async () => {
  const { store } = insideOf(lab.oort.platform)
  const { engine, settings } = await store.measure()
  const found = await look()
  expect(found).toMatchObject({
    version,
    database: { engine, settings, waiting: 0 },
    keyVersions: [{ version: 1, state: 'current' }],
    runsUnderWay: 0,
    configured: { mail: false, payments: false },
  })
  expect(found.database.bytes).toBeGreaterThan(0)
  const sealed = (await countByVersion(store.read)).reduce((sum, { count }) => sum + count, 0)
  expect(found.keyVersions).toEqual([{ version: 1, state: 'current', values: sealed }])
  expect(sealed).toBeGreaterThan(0)
})

test('tells the processes that live, not the dead', async () => {
  const dead = { id: newId('instance'), host: 'elsewhere', pid: 1, startedAt: 0, heartbeatAt: 0 }
  await insideOf(lab.oort.platform).store.write(async (db) => {
    await db.insert(instances).values(dead)
  })
  expect((await look()).instances.map(({ id }) => id)).toEqual([lab.oort.platform.instanceId])
})

test('tells how many runs are under way', async () => {
  lab.emulator.script('openai', 'silence')
  const { userId } = admin
  const run = admin.browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'x', stream: false })
  const sent = lab.emulator.requests.length
  await expect.poll(() => lab.emulator.requests.length).toBe(sent + 1)
  expect(await look()).toMatchObject({ runsUnderWay: 1 })
  await liveRunsOf(lab.oort.platform).abortAllOf(userId)
  await run
  expect(await look()).toMatchObject({ runsUnderWay: 0 })
})

test('tells the last checkpoint of the audit log, and that there was none', async () => {
  expect((await look()).lastCheckpoint).toBeNull()
  const scope = scopeOf(lab.oort.platform, admin.userId)
  await scope.write(async (tx) => {
    for (let each = 0; each < 200; each += 1) await tx.record({ type: 'user.sign_up_repeated' })
  })
  await expect.poll(async () => (await look()).lastCheckpoint?.n, { timeout: 20_000 }).toBe(1)
  const rows = await countAppended(insideOf(lab.oort.platform).store.read)
  expect((await look()).lastCheckpoint).toEqual({ n: 1, rows, ts: expect.any(Number) })
})
