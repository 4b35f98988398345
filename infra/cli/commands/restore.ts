import { Command, InvalidArgumentError } from 'commander'
import { type Restored, restoreBackup } from '../../backup/restore-backup.ts'
import { answering } from '../answering.ts'
import { describeDuration } from '../duration.ts'
import { demandSqlite } from '../with-platform.ts'
import { elsewhere, withVault } from './backup.ts'

interface Options {
  readonly backup?: string
  readonly into?: string
  readonly rehearse?: true
}

/** `oort restore [--backup id] [--into dir]`, and `oort restore --rehearse`, which keeps nothing. */
export function restore(): Command {
  const command = new Command('restore')
    .summary('restore a backup, or rehearse it')
    .description(
      'Fetches a backup, examines and migrates it, deletes again what was deleted since, ends every session, ' +
        'verifies the audit log, and puts it where no database is yet.',
    )
    .option('--backup <id>', 'one that `oort backup list` names, instead of the newest')
    .option('--into <folder>', 'instead of OORT_DATA_DIR', folder)
    .option('--rehearse', 'do it all in a scratch folder beside the database, and keep nothing')
  return answering<[], Options>(command, (_args, { backup, into, rehearse }) =>
    withVault(async (vault, config) => {
      demandSqlite(config, elsewhere)
      const place = rehearse === true ? undefined : (into ?? config.dataDir)
      const restored = await restoreBackup(vault, config, { backup, into: place })
      return { data: { ...restored, into: place ?? null }, text: describe(restored, place) }
    }),
  )
}

function folder(text: string): string {
  if (text === '') throw new InvalidArgumentError('Name a folder.')
  return text
}

function describe(
  { manifest, age, passedOver, tookMs, schemaVersion, rows, reapplied, signedOut, chain, erased }: Restored,
  place?: string,
) {
  const again = Object.entries(reapplied).map(([action, count]) => `${count} ${action}`)
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
  const log = chain.intact ? `${chain.rows} entries, ${chain.unwitnessed} of them without a checkpoint` : 'broken'
  return [
    place === undefined ? `REHEARSED  ${manifest.id}; nothing was kept` : `RESTORED  ${manifest.id} into ${place}`,
    `Recovery point   ${describeDuration(Math.abs(age))} ${age < 0 ? 'ahead of this clock' : 'ago'}: what came later is lost`,
    `Recovery time    ${describeDuration(tookMs)} for ${(manifest.database.bytes / 1e6).toFixed(1)} MB`,
    `Rows             ${total} in ${Object.keys(rows).length} tables`,
    `Schema           ${manifest.schemaVersion} of the backup, ${schemaVersion} now`,
    `Audit log        intact, ${log}`,
    `Deleted again    ${again.length === 0 ? 'nothing' : again.join(', ')}`,
    `Signed out       ${signedOut} accounts`,
    ...passedOver.map((id) => `Passed over      ${id}, which is ahead of this clock`),
    ...(erased ? [] : ['Traces of what was deleted again are left: run oort compact where there is memory for it']),
  ].join('\n')
}
