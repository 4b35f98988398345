import { copyFile, mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkpointFile } from '../../core/audit/checkpoint.ts'
import type { Manifest } from '../../core/backup/manifest.ts'
import { type Settled, settleRestored } from '../../core/backup/settle-restored.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import type { Config } from '../../core/config.ts'
import { ledgerFile } from '../../core/deletions/deletion.ts'
import { deletionsInFile } from '../../core/deletions/read-ledger.ts'
import { createPlatform } from '../../core/platform.ts'
import { syncFolder } from '../../core/store/append-only-file.ts'
import { databaseName } from '../../core/store/sqlite/open-sqlite.ts'
import { BackupError } from './backup-error.ts'
import { countRows, examineRestored } from './examine-restored.ts'
import { isAhead, newestBackup } from './newest-backup.ts'
import { nameOf } from './object-names.ts'
import { wholeBackups } from './remove-old.ts'
import { withScratch } from './scratch.ts'
import { shippedDeletions } from './ship-deletions.ts'
import type { Measure, Vault } from './vault.ts'

export interface RestoreOptions {
  /** The id of the backup; undefined for the newest that is not ahead of the clock. */
  readonly backup: string | undefined
  /** Where the database goes. It must not have one. Undefined to rehearse: all is done, and nothing is kept. */
  readonly into: string | undefined
}

export interface Restored extends Settled {
  readonly manifest: Manifest
  /** What is lost: the age of the backup, in milliseconds. */
  readonly age: number
  /** The backups that would be newer, were they not ahead of the clock. */
  readonly passedOver: readonly string[]
  readonly tookMs: number
  /** After the migrations that were due. */
  readonly schemaVersion: number
  readonly rows: Readonly<Record<string, number>>
}

/**
 * Restores a backup: fetches it, compares it with its manifest, examines the database, migrates it, opens its canary
 * with the master key, deletes again what was deleted since, ends every session, verifies the audit log, and only then
 * puts it in its place. Deletions are taken from the target and from the ledger that is left in the folder, if any.
 * Throws BackupError for a fault of the backup, ConfigError for a master key that is not its own, MigrationError.
 */
export async function restoreBackup(
  vault: Vault,
  config: Config,
  { backup, into }: RestoreOptions,
  clock: Clock = systemClock,
): Promise<Restored> {
  const begun = performance.now()
  const place = into ?? config.dataDir
  await mkdir(place, { recursive: true, mode: 0o700 })
  if (into !== undefined) await refuseDatabase(into)
  const { id, passedOver } = await choose(vault, backup, clock())
  return withScratch(place, async (folder) => {
    const manifest = await fetchBackup(vault, id, folder)
    const ledger = join(folder, ledgerFile)
    await copyFile(join(place, ledgerFile), ledger).catch(unlessMissing)
    const platform = await createPlatform(
      { ...config, dataDir: folder, logLevel: 'warn' },
      { clock, logTo: process.stderr },
    )
    const settled = await settle()
    if (!settled.chain.intact) throw new BackupError(`the audit log is not intact: ${JSON.stringify(settled.chain)}`)
    const { schemaVersion, rows } = countRows(join(folder, databaseName))
    if (into !== undefined) {
      await refuseDatabase(into)
      // The database last: it is what makes the folder one to start from.
      for (const name of [ledgerFile, checkpointFile, databaseName]) {
        await rename(join(folder, name), join(into, name))
      }
      syncFolder(into)
    }
    const age = clock() - manifest.takenAt
    return { ...settled, manifest, age, passedOver, tookMs: performance.now() - begun, schemaVersion, rows }

    async function settle(): Promise<Settled> {
      try {
        return await settleRestored(platform, allDeletions(vault, join(place, ledgerFile)))
      } finally {
        await platform.close()
      }
    }
  })
}

async function* allDeletions(vault: Vault, file: string) {
  yield* shippedDeletions(vault)
  yield* deletionsInFile(file)
}

interface Choice {
  readonly id: string
  readonly passedOver: readonly string[]
}

async function choose(vault: Vault, asked: string | undefined, now: number): Promise<Choice> {
  const whole = wholeBackups(await vault.target.list())
  if (asked !== undefined) {
    if (!whole.includes(asked)) throw new BackupError(`there is no backup ${asked}`)
    return { id: asked, passedOver: [] }
  }
  const passedOver = whole.filter((id) => isAhead(id, now))
  const id = newestBackup(whole, now)
  if (id !== undefined) return { id, passedOver }
  if (passedOver.length === 0) throw new BackupError('there is no backup yet')
  throw new BackupError(
    `every backup is ahead of this clock: set it right, or name one (--backup ${passedOver.at(-1)})`,
  )
}

async function fetchBackup(vault: Vault, id: string, folder: string): Promise<Manifest> {
  const manifest = await vault.manifest(id)
  const database = join(folder, databaseName)
  demandSame(manifest.database, await vault.fetchFile(nameOf(id, 'database'), database), 'database')
  const checkpoints = await vault.fetchFile(nameOf(id, 'checkpoints'), join(folder, checkpointFile))
  demandSame(manifest.checkpoints, checkpoints, 'checkpoints')
  examineRestored(database, manifest)
  return manifest
}

function demandSame(told: Measure, found: Measure, what: string): void {
  if (told.bytes === found.bytes && told.sha256 === found.sha256) return
  throw new BackupError(`the ${what} of the backup is not what its manifest says`)
}

/** A write-ahead log that was left alone counts too: SQLite would apply it to the database that comes beside it. */
async function refuseDatabase(folder: string): Promise<void> {
  for (const name of [databaseName, `${databaseName}-wal`, `${databaseName}-shm`]) {
    if ((await stat(join(folder, name)).catch(unlessMissing)) === undefined) continue
    throw new BackupError(
      `${folder} has a database already (${name}): stop Oort and move it away, or restore --into another folder`,
    )
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
