import { existsSync } from 'node:fs'
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { appendEvent } from '../../../core/audit/append-event.ts'
import { type Checkpoint, checkpointFile, checkpointKey } from '../../../core/audit/checkpoint.ts'
import { type CheckpointKeeper, keepCheckpoints } from '../../../core/audit/keep-checkpoints.ts'
import { readCheckpoints } from '../../../core/audit/read-checkpoints.ts'
import { verifyChains } from '../../../core/audit/verify-chain.ts'
import { second } from '../../../core/clock.ts'
import { parseConfig } from '../../../core/config.ts'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { openStore } from '../../../core/store/open-store.ts'
import type { Store } from '../../../core/store/store.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

let house: SmallHouse
let file: string
let keeper: CheckpointKeeper

/** A keeper beside the platform's own, as another process on the same database would have. */
const another = () => keepCheckpoints({ ...insideOf(house.platform), log: house.platform.log })

beforeEach(async () => {
  house = await openHouse()
  file = join(house.dataDir, checkpointFile)
  keeper = another()
})

afterEach(async () => {
  vi.useRealTimers()
  await keeper.finish()
  await house.close()
})

const read = () => readCheckpoints(file, checkpointKey(insideOf(house.platform).keyring))
const verdict = async () =>
  verifyChains(insideOf(house.platform).store.read, insideOf(house.platform).keyring, await read())
const grow = (user: UserScope, by: number) =>
  user.write(async (tx) => {
    for (let count = 0; count < by; count += 1) await tx.record({ type: 'session.refused', reason: 'password' })
  })
const lines = async () => (await readFile(file, 'utf8')).split('\n').slice(0, -1)

test('a checkpoint holds the heads that grew since the one before, and is readable by its owner alone', async () => {
  const first = await house.user()
  await keeper.write()
  const second = await house.user()
  await keeper.write()
  const subjects = (await lines()).map((line) => Object.keys((JSON.parse(line) as { heads: object }).heads))
  expect(subjects).toEqual([[first.userId], [second.userId]])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await verdict()).toEqual({ intact: true, chains: 2, rows: 2, unwitnessed: 0 })
})

test('nothing new, no line', async () => {
  await house.user()
  await keeper.write()
  await keeper.write()
  expect(await lines()).toHaveLength(1)
})

test('200 new rows get a checkpoint by themselves', async () => {
  const user = await house.user()
  await grow(user, 200)
  await expect.poll(async () => (await read()).heads.get(user.userId)?.[0], { timeout: 5_000 }).toBe(201)
})

test('a log that a new folder finds is witnessed in lines of bounded length', async () => {
  const users = [await house.user(), await house.user()]
  for (const user of [...users, ...users]) await grow(user, 3)
  const stepwise = keepCheckpoints({ ...insideOf(house.platform), log: house.platform.log }, 5)
  await stepwise.write()
  await stepwise.finish()
  const ends = (await lines()).map((line) => (JSON.parse(line) as Checkpoint).rows)
  expect(ends).toEqual([5, 10, 14])
  expect(await verdict()).toEqual({ intact: true, chains: 2, rows: 14, unwitnessed: 0 })
})

test('closing writes the last one', async () => {
  await house.user()
  await house.platform.close()
  expect(await lines()).toHaveLength(1)
})

test('keepers of one database take turns in one unbroken file', async () => {
  const keepers = [keeper, another(), another()]
  for (let round = 0; round < 3; round += 1) {
    await Promise.all([...keepers.map((each) => each.write()), house.user(), house.user()])
    await Promise.all(keepers.map((each) => each.write()))
  }
  await Promise.all(keepers.map((each) => each.finish()))
  expect((await read()).brokenLine).toBeUndefined()
  expect(await verdict()).toMatchObject({ intact: true, chains: 6, unwitnessed: 0 })
})

test('a keeper waits for its turn while another process writes', async () => {
  await house.user()
  // Another store on the database stands for the other process: they share nothing but what processes do.
  const other = await openStore(parseConfig(house.env))
  let written: Promise<void> | undefined
  await other.alone(async () => {
    written = keeper.write()
    await sleep(50)
    expect(existsSync(file)).toBe(false)
  })
  await written
  await other.close()
  expect(await lines()).toHaveLength(1)
})

test('nothing queues behind a checkpoint that waits for its turn', async () => {
  await grow(await house.user(), 200)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let turns = 0
  const { store, ...rest } = insideOf(house.platform)
  const alone: Store['alone'] = (unit) => {
    turns += 1
    return store.alone(unit)
  }
  const patient = keepCheckpoints({ ...rest, store: { ...store, alone }, log: house.platform.log })
  const other = await openStore(parseConfig(house.env))
  await other.alone(async () => {
    vi.advanceTimersByTime(second)
    await expect.poll(() => turns).toBe(1)
    vi.advanceTimersByTime(5 * second)
  })
  await other.close()
  await patient.finish()
  expect(turns).toBe(2)
})

test('a line that a crash cut short is taken off, and the file goes on', async () => {
  await house.user()
  await keeper.write()
  await appendFile(file, '{"n":2,"ts":17')
  await house.user()
  await keeper.write()
  expect(await lines()).toHaveLength(2)
  expect(await verdict()).toMatchObject({ intact: true, unwitnessed: 0 })
})

test('R4 half a line, which a crash or a full disk leaves, is no sign of tampering', async () => {
  await house.user()
  await keeper.write()
  const [line = ''] = await lines()
  await appendFile(file, line.slice(0, 40))
  expect(await verdict()).toMatchObject({ intact: true, unwitnessed: 0 })
})

test('a file whose last line is not ours is left as it is: it is evidence', async () => {
  await house.user()
  await keeper.write()
  const forged = (await readFile(file, 'utf8')).replace('"n":1', '"n":7')
  await writeFile(file, forged)
  await house.user()
  await expect(keeper.write()).rejects.toThrow()
  expect(await readFile(file, 'utf8')).toBe(forged)
  expect(await verdict()).toEqual({ intact: false, fault: 'checkpoint_broken', line: 1 })
})

test('every line is chained to the one before and longer than any buffer it is read in', async () => {
  const { store, keyring, clock } = insideOf(house.platform)
  await store.write(async (db) => {
    const actor = { kind: 'system', id: 'test', requestId: newId('request') } as const
    const event = { type: 'session.refused', reason: 'password' } as const
    for (let count = 0; count < 900; count += 1) {
      const subjectId = newId('user')
      const target = { kind: 'users', id: subjectId }
      await appendEvent(db, keyring, { subjectId, actor, event, target, ts: clock() })
    }
  })
  await keeper.write()
  await house.user()
  await keeper.write()
  const [long] = await lines()
  expect(long?.length).toBeGreaterThan(65_536)
  expect((await read()).lines).toBe((await lines()).length)
  expect(await verdict()).toMatchObject({ intact: true, unwitnessed: 0 })
})
