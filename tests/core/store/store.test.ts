import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../../core/config.ts'
import { OortError } from '../../../core/errors.ts'
import { newId } from '../../../core/ids.ts'
import { instances, users } from '../../../core/store/schema.ts'
import { openStore, type Store } from '../../../core/store/store.ts'
import { storeFailure } from '../../../core/store/store-failure.ts'
import { openHouse } from '../../support/small-house.ts'

let folder: string
let store: Store

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-store-'))
  store = openStore(folder)
})

afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const row = () => ({ id: newId('instance'), host: 'here', pid: 1, startedAt: 0, heartbeatAt: 0 })

/** As another process sees the database: what it finds is on disk. */
function countFromOutside(id: string): unknown {
  const outside = new SqliteDatabase(store.file, { readonly: true })
  try {
    return outside.prepare('SELECT count(*) FROM instances WHERE id = ?').pluck().get(id)
  } finally {
    outside.close()
  }
}

test('the writer holds every pragma that the promises rest on', async () => {
  const read = (name: string) => store.write(async (db) => db.$client.pragma(name, { simple: true }))
  expect(await read('journal_mode')).toBe('wal')
  expect(await read('synchronous')).toBe(2)
  expect(await read('foreign_keys')).toBe(1)
  expect(await read('secure_delete')).toBe(1)
  expect(await read('recursive_triggers')).toBe(1)
  expect(await read('trusted_schema')).toBe(0)
})

test('nobody but the owner can read the files of the database', async () => {
  await store.write(async (db) => db.insert(instances).values(row()))
  for (const file of ['oort.db', 'oort.db-wal', 'oort.db-shm']) {
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
  }
})

test('a unit is on disk when it is answered, and not before', async () => {
  const kept = row()
  let seenInside: unknown
  await store.write(async (db) => {
    await db.insert(instances).values(kept)
    seenInside = countFromOutside(kept.id)
  })
  expect([seenInside, countFromOutside(kept.id)]).toEqual([0, 1])
})

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

test('a unit that fails is rolled back alone', async () => {
  const [kept, lost] = [row(), row()]
  const outcomes = await Promise.allSettled([
    store.write(async (db) => db.insert(instances).values(kept)),
    store.write(async (db) => {
      await db.insert(instances).values(lost)
      throw new OortError('CONFLICT')
    }),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect([countFromOutside(kept.id), countFromOutside(lost.id)]).toEqual([1, 0])
})

test('a row without its user is refused', async () => {
  const orphan = store.write(async (db) =>
    db.$client.exec("INSERT INTO run_terms (user_id, term, run_id) VALUES ('usr_none', x'00', 'run_none')"),
  )
  await expect(orphan).rejects.toMatchObject({ code: 'INTERNAL' })
})

describe('a disk that is full', () => {
  test('answers STORE_UNAVAILABLE, leaves nothing half done, and works again with room', async () => {
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
    expect(countFromOutside(lost.id)).toBe(0)
    await store.write(async (db) => db.$client.pragma('max_page_count = 1073741823'))
    await store.write(async (db) => db.insert(instances).values(lost))
    expect(countFromOutside(lost.id)).toBe(1)
  })
})

test('D3 what a failed query says carries neither its text nor its values', async () => {
  const secret = `canary-${randomBytes(8).toString('hex')}`
  const values = { ...row(), host: secret }
  await store.write(async (db) => db.insert(instances).values(values))
  const failure: unknown = await store.write(async (db) => db.insert(instances).values(values)).catch((error) => error)
  expect(failure).toMatchObject({ code: 'CONFLICT' })
  const told = [failure, (failure as Error).cause].map((each) => `${String(each)} ${(each as Error).stack}`).join()
  expect(told).not.toContain(secret)
  expect(told).not.toMatch(/insert into/i)
})

test('an error that is not of the database passes unchanged', () => {
  const error = new TypeError('mine')
  expect(storeFailure(error)).toBe(error)
})

test('K6 another master key does not open the database', async () => {
  const house = await openHouse()
  await house.user()
  await house.platform.close()
  const wrong = { BYOK_MASTER_KEY: randomBytes(32).toString('base64') }
  await expect(openHouse({ dataDir: house.dataDir, env: wrong })).rejects.toBeInstanceOf(ConfigError)
  const again = await openHouse({ dataDir: house.dataDir, env: house.env })
  await again.close()
  await rm(house.dataDir, { recursive: true, force: true })
})

test('K6 a database that is in use and has lost its key versions does not start with new ones', async () => {
  const house = await openHouse()
  await house.user()
  await house.platform.close()
  const robbed = new SqliteDatabase(join(house.dataDir, 'oort.db'))
  robbed.exec('DELETE FROM key_versions')
  robbed.close()
  await expect(openHouse({ dataDir: house.dataDir, env: house.env })).rejects.toThrow('lost its key versions')
  await rm(house.dataDir, { recursive: true, force: true })
})

test('a rotation of the master key keeps every account findable and every value readable', async () => {
  const house = await openHouse()
  const scope = await house.user()
  const { email } = await scope.profile()
  await house.platform.close()
  const next = randomBytes(32).toString('base64')
  const env = { ...house.env, BYOK_MASTER_KEY: next, BYOK_MASTER_KEY_PREVIOUS: house.env['BYOK_MASTER_KEY'] ?? '' }
  const rotated = await openHouse({ dataDir: house.dataDir, env })
  const { findAccount } = await import('../../../core/accounts/find-account.ts')
  const account = await findAccount(rotated.platform, email, 'req_test')
  expect(account?.userId).toBe(scope.userId)
  expect((await account?.scope.profile())?.email).toBe(email)
  await rotated.close()
  await rm(house.dataDir, { recursive: true, force: true })
})

test('a store that is closing takes no new work and finishes what waits', async () => {
  const other = await mkdtemp(join(tmpdir(), 'oort-closing-'))
  const closing = openStore(other)
  const waiting = closing.write(async (db) => db.select().from(users).where(eq(users.role, 'admin')))
  const closed = closing.close()
  await expect(closing.write(async () => 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  expect(await waiting).toEqual([])
  await closed
  await rm(other, { recursive: true, force: true })
})
