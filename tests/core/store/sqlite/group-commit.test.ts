import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import SqliteDatabase from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkpointFile, checkpointKey } from '../../../../core/audit/checkpoint.ts'
import { keepCheckpoints } from '../../../../core/audit/keep-checkpoints.ts'
import { readCheckpoints } from '../../../../core/audit/read-checkpoints.ts'
import { verifyChains } from '../../../../core/audit/verify-chain.ts'
import { type Id, newId } from '../../../../core/ids.ts'
import { insideOf } from '../../../../core/platform.ts'
import { instances } from '../../../../core/store/schema.ts'
import { asSqlite, type SqliteStore } from '../../../../core/store/sqlite/open-sqlite.ts'
import { openHouse, type SmallHouse } from '../../../support/small-house.ts'

let house: SmallHouse
let store: SqliteStore

beforeAll(async () => {
  house = await openHouse()
  store = asSqlite(insideOf(house.platform).store)
})

afterAll(() => house.close())

const row = () => ({ id: newId('instance'), host: 'here', pid: 1, startedAt: 0, heartbeatAt: 0 })
const countCommitted = (id: Id<'instance'>) => store.read.$count(instances, eq(instances.id, id))

test('units that wait together share one commit', async () => {
  // SQLite counts the commits of other connections in data_version: one step for each that it can tell apart.
  const outside = new SqliteDatabase(store.file, { readonly: true })
  const version = () => Number(outside.pragma('data_version', { simple: true }))
  const seen = new Set([version()])
  const rows = Array.from({ length: 50 }, row)
  await Promise.all(
    rows.map((each) =>
      store.write(async (db) => {
        await db.insert(instances).values(each)
        seen.add(version())
      }),
    ),
  )
  seen.add(version())
  outside.close()
  // Before and after the group: had any unit committed on its own, one of those behind it would have seen it.
  expect(seen.size).toBe(2)
})

test('a disk that is full answers STORE_UNAVAILABLE, leaves nothing half done, and works again with room', async () => {
  const lost = row()
  const pages = await store.write(async (db) => Number(db.$client.pragma('page_count', { simple: true })))
  await store.write(async (db) => db.$client.pragma(`max_page_count = ${pages}`))
  const refused = store.write(async (db) => {
    await db.insert(instances).values(lost)
    for (let count = 0; count < 200; count += 1) {
      await db.insert(instances).values({ ...row(), host: randomBytes(400).toString('hex') })
    }
  })
  await expect(refused).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(await countCommitted(lost.id)).toBe(0)
  await store.write(async (db) => db.$client.pragma('max_page_count = 1073741823'))
  await store.write(async (db) => db.insert(instances).values(lost))
  expect(await countCommitted(lost.id)).toBe(1)
})

test('a row that is written but never committed is not witnessed', async () => {
  const user = await house.user()
  const keeper = keepCheckpoints({ ...insideOf(house.platform), log: house.platform.log })
  // One group, gathered behind a slow one: the checkpoint is taken between the row and the failure of the transaction.
  const slow = store.write(() => sleep(20))
  await nextTurn()
  await nextTurn()
  const row = user.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
  const checkpoint = keeper.write()
  await nextTurn()
  const failure = store.write(async (db) => db.$client.exec('ROLLBACK'))
  const outcomes = await Promise.allSettled([slow, row, checkpoint, failure])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
  await keeper.finish()
  const { keyring } = insideOf(house.platform)
  const checkpoints = await readCheckpoints(join(house.dataDir, checkpointFile), checkpointKey(keyring))
  expect(checkpoints.heads.get(user.userId)?.[0]).toBe(1)
  expect(await verifyChains(store.read, keyring, checkpoints)).toMatchObject({ intact: true })
})
