import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deletionIn, ledgerFile, ledgerNamed } from '../../../../core/deletions/deletion.ts'
import type { UserScope } from '../../../../core/scope/user-scope.ts'
import { providerKeys } from '../../../../core/store/schema.ts'
import { seedKey } from '../../../support/seed.ts'
import { openHouse, type SmallHouse } from '../../../support/small-house.ts'

let house: SmallHouse
let file: string
let owner: UserScope

beforeEach(async () => {
  house = await openHouse()
  file = join(house.dataDir, ledgerFile)
  owner = await house.user()
})

afterEach(() => house.close())

const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [])
const told = () => lines().flatMap((line) => deletionIn(line) ?? [])
const targets = () => told().map(({ action, targetId }) => [action, targetId])
const deleteKey = async () => {
  const keyId = await seedKey(house.platform, owner.userId, 'openai')
  await owner.write((tx) => tx.delete(providerKeys, keyId, { type: 'key.deleted' }))
  return keyId
}

/** Opens the same folder anew, as a start after the end of the process does. */
async function startAnew(between: () => void): Promise<void> {
  const { dataDir, env } = house
  await house.platform.close()
  between()
  const again = await openHouse({ dataDir, env })
  await again.close()
}

test('D2 an acknowledged deletion stands outside the database, by its id and time alone', async () => {
  const keyId = await deleteKey()
  expect(targets()).toEqual([['key.deleted', keyId]])
  await owner.write((tx) => tx.eraseAccount())
  expect(targets()).toEqual([
    ['key.deleted', keyId],
    ['user.deleted', owner.userId],
  ])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(ledgerNamed(lines()[0] ?? '')).toMatch(/^[0-9a-f-]{36}$/)
  expect(lines().flatMap((line) => Object.keys(JSON.parse(line) as object))).toEqual([
    'ledger',
    ...['row', 'at', 'subject', 'action', 'target'],
    ...['row', 'at', 'subject', 'action', 'target'],
  ])
})

test('what is no deletion is not told, and costs the file nothing', async () => {
  await seedKey(house.platform, owner.userId, 'openai')
  await owner.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
  expect(lines()).toEqual([])
})

test('D2 a crash between the commit and the ledger is made good by the next start', async () => {
  const keyId = await deleteKey()
  const whole = lines()
  await startAnew(() => writeFileSync(file, `${whole[0]}\n${whole[1]?.slice(0, 20)}`))
  expect(targets()).toEqual([['key.deleted', keyId]])
})

test('D2 a ledger that is gone is written anew from the audit log', async () => {
  const keys = [await deleteKey(), await deleteKey()]
  await startAnew(() => renameSync(file, `${file}.lost`))
  expect(targets()).toEqual(keys.map((keyId) => ['key.deleted', keyId]))
})

test('D2 a deletion that cannot be written down is not acknowledged, and is told with the next', async () => {
  rmSync(file)
  mkdirSync(file)
  const keyId = await seedKey(house.platform, owner.userId, 'openai')
  const deletion = owner.write((tx) => tx.delete(providerKeys, keyId, { type: 'key.deleted' }))
  await expect(deletion).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  // Other work goes on meanwhile.
  await owner.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
  rmdirSync(file)
  expect(targets()).toEqual([])
  const next = await deleteKey()
  expect(targets()).toEqual([
    ['key.deleted', keyId],
    ['key.deleted', next],
  ])
})

test('a ledger that outlived its database goes on after a restored one', async () => {
  const keyId = await deleteKey()
  const [name] = lines()
  await startAnew(() => {
    const line = { row: 5_000, at: 1, subject: 'usr_x', action: 'run.deleted', target: 'run_of_a_lost_time' }
    writeFileSync(file, `${name}\n${JSON.stringify(line)}\n`)
    chmodSync(file, 0o600)
  })
  expect(targets()).toEqual([
    ['run.deleted', 'run_of_a_lost_time'],
    ['key.deleted', keyId],
  ])
  await startAnew(() => undefined)
  expect(told()).toHaveLength(2)
})

test('deletions that come together are each told once', async () => {
  const users = await Promise.all(Array.from({ length: 40 }, () => house.user()))
  await Promise.all(users.map((user) => user.write((tx) => tx.eraseAccount())))
  expect(new Set(told().map(({ targetId }) => targetId))).toEqual(new Set(users.map(({ userId }) => userId)))
  expect(told()).toHaveLength(40)
})
