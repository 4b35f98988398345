import { join } from 'node:path'
import { checkpointFile } from '../../core/audit/checkpoint.ts'
import type { Manifest } from '../../core/backup/manifest.ts'
import { takeSnapshot } from '../../core/backup/snapshot.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { databaseName } from '../../core/store/sqlite/open-sqlite.ts'
import { nameOf, newBackupId, parts } from './object-names.ts'
import { removeOld } from './remove-old.ts'
import { withScratch } from './scratch.ts'
import { shipDeletions } from './ship-deletions.ts'
import type { Vault } from './vault.ts'

export interface MadeBackup {
  readonly manifest: Manifest
  readonly tookMs: number
  /** The backups that were too old, and are gone. */
  readonly removed: readonly string[]
}

/**
 * Makes a backup of the database of `dataDir`, beside a running Oort: snapshot, sealed copy, manifest, the ledger of
 * deletions; then removes the backups that are too old. A backup that fails leaves nothing that could be read as one,
 * and no other backup is removed for it. Needs the backup key alone. Throws SnapshotDamaged, and what the target throws.
 */
export async function makeBackup(
  vault: Vault,
  { dataDir, keepDays }: { readonly dataDir: string; readonly keepDays: number },
  clock: Clock = systemClock,
): Promise<MadeBackup> {
  const begun = performance.now()
  await vault.target.sweep()
  const takenAt = clock()
  const id = newBackupId(takenAt)
  const manifest = await withScratch(dataDir, async (folder) => {
    const facts = await takeSnapshot(dataDir, folder)
    try {
      const database = await vault.sendFile(nameOf(id, 'database'), join(folder, databaseName))
      const checkpoints = await vault.sendFile(nameOf(id, 'checkpoints'), join(folder, checkpointFile))
      const made: Manifest = { version: 'oort-backup/1', id, takenAt, database, checkpoints, ...facts }
      await vault.send(nameOf(id, 'manifest'), bytesOf(JSON.stringify(made)))
      return made
    } catch (error) {
      await Promise.allSettled(parts.map((part) => vault.target.remove(nameOf(id, part))))
      throw error
    }
  })
  await shipDeletions(vault, dataDir, { whole: true, now: clock() })
  const removed = await removeOld(vault.target, keepDays, clock())
  return { manifest, tookMs: performance.now() - begun, removed }
}

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}
