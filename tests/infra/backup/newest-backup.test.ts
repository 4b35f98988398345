import { afterEach, beforeEach, expect, test } from 'vitest'
import { day, hour, minute } from '../../../core/clock.ts'
import { newestBackup } from '../../../infra/backup/newest-backup.ts'
import { newBackupId } from '../../../infra/backup/object-names.ts'
import { removeOld, wholeBackups } from '../../../infra/backup/remove-old.ts'
import { type Lab, openLab } from './lab.ts'

const now = Date.UTC(2026, 10, 24, 12)

let lab: Lab

beforeEach(async () => {
  lab = await openLab()
})

afterEach(() => lab.close())

const backUpAt = async (time: number) => (await lab.backUp(() => time)).manifest.id
const restoreAt = async (time: number, backup?: string) => lab.restore({ backup }, () => time)

test('R5 a backup made under a clock that ran ahead does not stand before those made after it', async () => {
  const ahead = await backUpAt(now + 90 * day)
  const made = await backUpAt(now)
  expect(await restoreAt(now + hour)).toMatchObject({ manifest: { id: made }, age: hour, passedOver: [ahead] })
  expect(await restoreAt(now + hour, ahead)).toMatchObject({ manifest: { id: ahead }, passedOver: [] })
})

test('R5 where every backup is ahead of the clock none is chosen: it may be the clock that is wrong', async () => {
  const ahead = await backUpAt(now + 90 * day)
  await expect(restoreAt(now)).rejects.toThrow(`set it right, or name one (--backup ${ahead})`)
})

test('the clocks of two hosts may differ by minutes', () => {
  const ids = [now - hour, now, now + 5 * minute, now + 5 * minute + 1].map(newBackupId)
  expect(newestBackup(ids, now)).toBe(ids[2])
})

test('D2 the newest backup is never removed for one that is ahead of the clock, nor is that one', async () => {
  const [ahead, old, newest] = [await backUpAt(now + 800 * day), await backUpAt(now - hour), await backUpAt(now)]
  expect(await removeOld(lab.vault.target, 30, now + 400 * day)).toEqual([old])
  expect(wholeBackups(await lab.vault.target.list())).toEqual([newest, ahead])
})
