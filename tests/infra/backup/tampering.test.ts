import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { nameOf, pieceOf } from '../../../infra/backup/object-names.ts'
import { restoreBackup } from '../../../infra/backup/restore-backup.ts'
import { shipDeletions } from '../../../infra/backup/ship-deletions.ts'
import { vaultOn } from '../../../infra/backup/vault.ts'
import { seedKey } from '../../support/seed.ts'
import { type Lab, openLab } from './lab.ts'

let lab: Lab
let owner: UserScope

beforeEach(async () => {
  lab = await openLab()
  owner = await lab.house.user()
})

afterEach(() => lab.close())

const platform = () => lab.house.platform
const ship = () => shipDeletions(lab.vault, lab.house.dataDir, { whole: false, now: Date.now() })

describe('a backup that was tampered with is refused', () => {
  const database = () => join(lab.target, readdirSync(lab.target).find((name) => name.endsWith('.database')) ?? '')
  const tamper = (file: string, change: (bytes: Buffer) => Buffer) => writeFile(file, change(readFileSync(file)))
  const header = 14 + 32
  const chunk = 65_536 + 16

  /** Enough rows for several chunks even when compressed: ciphertexts are noise. */
  async function backUpMuch() {
    const users = await Promise.all(Array.from({ length: 40 }, () => lab.house.user()))
    await Promise.all(users.map(({ userId }) => seedKey(platform(), userId, 'openai', 'k'.repeat(5_000))))
    await lab.backUp()
    expect(readFileSync(database()).length).toBeGreaterThan(header + 2 * chunk)
  }

  test.each([
    ['a changed byte', (bytes: Buffer) => Buffer.from(bytes.fill((bytes[90_000] ?? 0) ^ 1, 90_000, 90_001))],
    ['the last chunk cut off', (bytes: Buffer) => bytes.subarray(0, header + chunk)],
    ['half of it cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    [
      'two chunks exchanged',
      (bytes: Buffer) =>
        Buffer.concat([
          bytes.subarray(0, header),
          bytes.subarray(header + chunk, header + 2 * chunk),
          bytes.subarray(header, header + chunk),
          bytes.subarray(header + 2 * chunk),
        ]),
    ],
    ['nothing left of it', () => Buffer.alloc(0)],
  ])('D2 with %s', async (_what, change) => {
    await backUpMuch()
    await tamper(database(), change)
    const into = await lab.folder()
    await expect(lab.restore({ into })).rejects.toThrow(/was changed/)
    expect(readdirSync(into)).toEqual([])
  })

  test('D2 with the manifest or the database of another backup', async () => {
    const [one, other] = [(await lab.backUp()).manifest.id, (await lab.backUp()).manifest.id]
    for (const part of ['manifest', 'database', 'checkpoints'] as const) {
      const path = join(lab.target, nameOf(other, part))
      const own = readFileSync(path)
      await copyFile(join(lab.target, nameOf(one, part)), path)
      await expect(lab.restore({ backup: other }), part).rejects.toThrow(/was changed/)
      await writeFile(path, own)
    }
    expect((await lab.restore({ backup: other })).manifest.id).toBe(other)
  })

  test('D2 with a file that is sealed as it should be, and is not the one of its manifest', async () => {
    const { manifest } = await lab.backUp()
    for (const part of ['database', 'checkpoints'] as const) {
      const path = join(lab.target, nameOf(manifest.id, part))
      const own = readFileSync(path)
      await lab.vault.sendFile(nameOf(manifest.id, part), fileURLToPath(import.meta.url))
      await expect(lab.restore()).rejects.toThrow(`the ${part} of the backup is not what its manifest says`)
      await writeFile(path, own)
    }
  })

  test('D2 with another backup key, another master key, or a part that is missing', async () => {
    const { manifest } = await lab.backUp()
    const foreign = vaultOn(lab.vault.target, 'another key than the one it was sealed under')
    const asked = { backup: undefined, into: await lab.folder() }
    await expect(restoreBackup(foreign, lab.config, asked)).rejects.toThrow('another OORT_BACKUP_KEY')
    const secrets = { ...lab.config.secrets, byokMasterKey: 'a master key that this database never had' }
    await expect(restoreBackup(lab.vault, { ...lab.config, secrets }, asked)).rejects.toThrow('BYOK_MASTER_KEY')
    await rm(join(lab.target, nameOf(manifest.id, 'checkpoints')))
    await expect(lab.restore()).rejects.toThrow('is not there')
  })

  test('D2 with a piece of the ledger of deletions that was changed: no deletion is passed over', async () => {
    await lab.backUp()
    await owner.write((tx) => tx.eraseAccount())
    await ship()
    const piece = readdirSync(lab.target).find((name) => pieceOf(name) !== undefined) ?? ''
    await tamper(join(lab.target, piece), (bytes) => bytes.subarray(0, -1))
    await expect(lab.restore()).rejects.toThrow(`${piece} was changed`)
  })

  test('A2 when rows of its audit log were cut off before it was made', async () => {
    await owner.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
    await lab.house.platform.close()
    const raw = new SqliteDatabase(join(lab.house.dataDir, 'oort.db'))
    raw.exec('DROP TRIGGER audit_events_no_delete; DELETE FROM audit_events WHERE seq = 2')
    raw.close()
    await lab.backUp()
    await expect(lab.restore()).rejects.toThrow('the audit log is not intact')
  })
})
