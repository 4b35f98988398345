import { Command } from 'commander'
import type { Config } from '../../../core/config.ts'
import { backupsOf } from '../../backup/backup-settings.ts'
import { keepBackingUp } from '../../backup/keep-backing-up.ts'
import { type MadeBackup, makeBackup } from '../../backup/make-backup.ts'
import { isAhead, newestBackup } from '../../backup/newest-backup.ts'
import { timeOfBackup } from '../../backup/object-names.ts'
import { wholeBackups } from '../../backup/remove-old.ts'
import { shipDeletions } from '../../backup/ship-deletions.ts'
import { openVault, type Vault } from '../../backup/vault.ts'
import { answering, type Outcome } from '../answering.ts'
import { describeDuration, duration } from '../duration.ts'
import { explainError } from '../explain-error.ts'
import { demandSqlite, readConfig } from '../with-platform.ts'

/** `oort backup [--every 6h]`: a backup of the running database, now or again and again. */
export function backup(): Command {
  const command = new Command('backup')
    // `oort backup list --json` is meant for the list.
    .enablePositionalOptions()
    .summary('back the database up, beside a running Oort')
    .description('Makes a sealed backup of the database at OORT_BACKUP_TARGET and removes those that are too old.')
    .option('--every <duration>', 'stay, and make one as often, such as 6h; ends in order at SIGTERM', duration)
    .addCommand(list().exitOverride())
    .addCommand(deletions().exitOverride())
  return answering<[], { readonly every?: number }>(command, (_args, { every }) =>
    withVault(async (vault, config) => {
      demandSqlite(config, elsewhere)
      const { dataDir } = config
      const { keepDays } = backupsOf(config)
      const backUp = () => makeBackup(vault, { dataDir, keepDays })
      if (every === undefined) return describeMade(await backUp())
      await keepBackingUp({
        dataDir,
        everyMs: every,
        signal: untilSignal(),
        backUp,
        shipDeletions: () => shipDeletions(vault, dataDir, { whole: false, now: Date.now() }),
        say: (line) => process.stdout.write(`${new Date().toISOString()} ${line}\n`),
        explain: (error) => explainError(error).message,
      })
      return { data: { ended: true }, text: 'Ended.' }
    }),
  )
}

/** `oort backup list [--within 12h]`: the backups that can be restored. */
function list(): Command {
  const command = new Command('list')
    .summary('list the backups')
    .option('--within <duration>', 'fail unless the newest is at most this old', duration)
  return answering<[], { readonly within?: number }>(command, (_args, { within }) =>
    withVault(async (vault) => {
      const ids = wholeBackups(await vault.target.list())
      const backups = await Promise.all(ids.map((id) => vault.manifest(id)))
      const now = Date.now()
      const newest = newestBackup(ids, now)
      const age = newest === undefined ? undefined : now - (timeOfBackup(newest) ?? now)
      const lines = backups.map(({ id, takenAt, database, auditRows, schemaVersion }) =>
        [
          id,
          `${describeDuration(Math.abs(now - takenAt))} ${isAhead(id, now) ? 'ahead of this clock' : 'old'}`,
          `${(database.bytes / 1e6).toFixed(1)} MB`,
          `${auditRows} audit entries`,
          `schema ${schemaVersion}`,
        ].join('  '),
      )
      return {
        data: { backups, age: age ?? null },
        text: lines.length === 0 ? 'There is no backup yet.' : lines.join('\n'),
        ok: within === undefined || (age !== undefined && age <= within),
      }
    }),
  )
}

/** `oort backup deletions`: sends what was deleted and the backups' place was not told of. Works without a database. */
function deletions(): Command {
  const command = new Command('deletions').summary('send the deletions that were not sent yet')
  return answering(command, () =>
    withVault(async (vault, { dataDir }) => {
      const bytes = await shipDeletions(vault, dataDir, { whole: false, now: Date.now() })
      return { data: { bytes }, text: `All deletions are known there (${bytes} bytes of the ledger).` }
    }),
  )
}

/** Where the way leads for who has PostgreSQL. */
export const elsewhere = 'Use its own backups: infra/scale.md.'

/** Lends the place that the configuration names. */
export async function withVault<T>(work: (vault: Vault, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig()
  const vault = await openVault(backupsOf(config))
  try {
    return await work(vault, config)
  } finally {
    vault.target.close()
  }
}

function untilSignal(): AbortSignal {
  const ending = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort())
  return ending.signal
}

function describeMade({ manifest, tookMs, removed }: MadeBackup): Outcome {
  const { id, database, auditRows, checkpoint } = manifest
  const witness = checkpoint === null ? 'no checkpoint yet' : `checkpoint ${checkpoint.n}`
  return {
    data: { manifest, tookMs: Math.round(tookMs), removed },
    text: [
      `Backup ${id}: ${(database.bytes / 1e6).toFixed(1)} MB, ${auditRows} audit entries, ${witness}`,
      `Took ${describeDuration(tookMs)}; removed ${removed.length} that were too old`,
    ].join('\n'),
  }
}
