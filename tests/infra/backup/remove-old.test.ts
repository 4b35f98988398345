import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { day, hour } from '../../../core/clock.ts'
import { makeBackup } from '../../../infra/backup/make-backup.ts'
import { nameOf, newBackupId, partOf, pieceOf, timeOfBackup } from '../../../infra/backup/object-names.ts'
import { ledgerKeptFor, removeOld, wholeBackups } from '../../../infra/backup/remove-old.ts'
import { shipDeletions, shippedDeletions } from '../../../infra/backup/ship-deletions.ts'
import { type Lab, openLab } from './lab.ts'

let lab: Lab
const now = Date.UTC(2026, 10, 24, 12)

beforeEach(async () => {
  lab = await openLab()
})

afterEach(() => lab.close())

const names = () => lab.vault.target.list()
const backups = async () => wholeBackups(await names())
const pieces = async () => (await names()).filter((name) => pieceOf(name) !== undefined)
const backUpAt = async (time: number) => (await lab.backUp(() => time)).manifest.id
const ship = (whole: boolean, at = now) => shipDeletions(lab.vault, lab.house.dataDir, { whole, now: at })
const told = async () => (await Array.fromAsync(shippedDeletions(lab.vault))).map(({ targetId }) => targetId)

async function eraseOne(): Promise<string> {
  const user = await lab.house.user()
  await user.write((tx) => tx.eraseAccount())
  return user.userId
}

test('D2 backups age out after 30 days, each time a newer one was made', async () => {
  const [first, second] = [await backUpAt(now), await backUpAt(now + hour)]
  expect((await lab.backUp(() => now + 30 * day - 1)).removed).toEqual([])
  const { manifest, removed } = await lab.backUp(() => now + 30 * day)
  expect(removed).toEqual([first])
  expect(await backups()).toEqual([second, expect.any(String), manifest.id])
  expect((await names()).filter((name) => partOf(name)?.id === first)).toEqual([])
})

test('D2 the newest backup is never removed, however old', async () => {
  const [first, second] = [await backUpAt(now), await backUpAt(now + hour)]
  expect(await removeOld(lab.vault.target, 1, now + 400 * day)).toEqual([first])
  expect(await backups()).toEqual([second])
  expect(await removeOld(lab.vault.target, 1, now + 400 * day)).toEqual([])
})

test('no backup is removed for one that failed', async () => {
  const first = await backUpAt(now)
  const failing = { dataDir: join(lab.house.dataDir, 'nothing'), keepDays: 1 }
  await expect(makeBackup(lab.vault, failing, () => now + 5 * day)).rejects.toThrow()
  expect(await backups()).toEqual([first])
})

test('what an interrupted backup left goes after a day, and what is none of ours stays', async () => {
  const id = newBackupId(now)
  for (const name of [nameOf(id, 'database'), 'notes.txt']) await writeFile(join(lab.target, name), 'x')
  await removeOld(lab.vault.target, 30, now + day - 1)
  expect(await names()).toEqual([nameOf(id, 'database'), 'notes.txt'])
  await removeOld(lab.vault.target, 30, now + day)
  expect(await names()).toEqual(['notes.txt'])
})

test('an id tells its time, and ids made later sort later', () => {
  const ids = [0, 1, 1_000, day, 40 * day].map((after) => newBackupId(now + after))
  expect(ids.toSorted()).toEqual(ids)
  expect(ids.map(timeOfBackup)).toEqual([0, 1, 1_000, day, 40 * day].map((after) => now + after))
  for (const text of ['', 'backup', `${ids[0]}x`, '20261124T120000000Z']) expect(timeOfBackup(text)).toBeUndefined()
})

test('D2 deletions are sent as they come, each once, and with a backup in one piece', async () => {
  expect(await ship(false)).toBe(0)
  const gone = [await eraseOne()]
  await ship(false)
  await ship(false)
  gone.push(await eraseOne(), await eraseOne())
  await ship(false)
  expect([await pieces(), await told()]).toEqual([expect.objectContaining({ length: 2 }), gone])
  gone.push(await eraseOne())
  await lab.backUp(() => now + hour)
  expect([await pieces(), await told()]).toEqual([expect.objectContaining({ length: 1 }), gone])
})

test('D2 deletions stay known for longer than the oldest backup', async () => {
  const id = await eraseOne()
  await ship(false)
  await backUpAt(now + 30 * day)
  expect(await told()).toEqual([id])
  await removeOld(lab.vault.target, 30, now + 30 * day + ledgerKeptFor - 1)
  expect(await told()).toEqual([id])
  await removeOld(lab.vault.target, 30, now + 30 * day + ledgerKeptFor)
  expect(await told()).toEqual([])
})
