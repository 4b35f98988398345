import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError, parseConfig } from '../../../core/config.ts'
import { OortError } from '../../../core/errors.ts'
import { type Id, newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { openStore } from '../../../core/store/open-store.ts'
import { instances, keyVersions, runTerms, users } from '../../../core/store/schema.ts'
import type { Store } from '../../../core/store/store.ts'
import { storeFailure } from '../../../core/store/store-failure.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

let house: SmallHouse
let store: Store

beforeAll(async () => {
  house = await openHouse()
  store = insideOf(house.platform).store
})

afterAll(() => house.close())

const row = () => ({ id: newId('instance'), host: 'here', pid: 1, startedAt: 0, heartbeatAt: 0 })

/** How many there are on another connection, which sees what is committed. */
const countCommitted = (id: Id<'instance'>) => store.read.$count(instances, eq(instances.id, id))

test('a unit is on disk when it is answered, and not before', async () => {
  const kept = row()
  let seenInside: number | undefined
  await store.write(async (db) => {
    await db.insert(instances).values(kept)
    seenInside = await countCommitted(kept.id)
  })
  expect([seenInside, await countCommitted(kept.id)]).toEqual([0, 1])
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
  expect(await Promise.all([kept.id, lost.id].map(countCommitted))).toEqual([1, 0])
})

test('a row without its user is refused', async () => {
  const orphan = store.write(async (db) =>
    db.insert(runTerms).values({ userId: newId('user'), term: Buffer.alloc(1), runId: newId('run') }),
  )
  await expect(orphan).rejects.toMatchObject({ code: 'INTERNAL' })
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
  await insideOf(house.platform).store.write(async (db) => db.delete(keyVersions))
  await house.platform.close()
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
  const closing = await openStore(parseConfig(house.env))
  const waiting = closing.write(async (db) => db.select().from(users).where(eq(users.role, 'admin')))
  const closed = closing.close()
  await expect(closing.write(async () => 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  expect(await waiting).toEqual([])
  await closed
})
