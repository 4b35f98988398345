import { existsSync } from 'node:fs'
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { appendEvent } from '../../../core/audit/append-event.ts'
import { checkpointFile, checkpointKey } from '../../../core/audit/checkpoint.ts'
import { type CheckpointKeeper, keepCheckpoints } from '../../../core/audit/keep-checkpoints.ts'
import { readCheckpoints } from '../../../core/audit/read-checkpoints.ts'
import { verifyChains } from '../../../core/audit/verify-chain.ts'
import { parseConfig } from '../../../core/config.ts'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { openStore } from '../../../core/store/open-store.ts'
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
  await keeper.finish()
  await house.close()
})

const read = () => readCheckpoints(file, checkpointKey(insideOf(house.platform).keyring))
const verdict = async () =>
  verifyChains(insideOf(house.platform).store.read, insideOf(house.platform).keyring, await read())
const lines = async () => (await readFile(file, 'utf8')).split('\n').slice(0, -1)

test('a checkpoint holds the heads that grew since the one before, and is readable by its owner alone', async () => {
  const first = await house.user()
  await keeper.write()
  const second = await house.user()
  await keeper.write()
  const subjects = (await lines()).map((line) => Object.keys((JSON.parse(line) as { heads: object }).heads))
  // Where numbers are not given in the order of commits, those before are looked at once more.
  const again = insideOf(house.platform).store.read.$dialect.overtaking > 0 ? [first.userId] : []
  expect(subjects).toEqual([[first.userId], [...again, second.userId]])
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
  await user.write(async (tx) => {
    for (let count = 0; count < 200; count += 1) await tx.record({ type: 'session.refused', reason: 'password' })
  })
  await expect.poll(async () => (await read()).heads.get(user.userId)?.[0], { timeout: 5_000 }).toBe(201)
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
