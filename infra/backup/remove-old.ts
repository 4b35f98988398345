import { longestKeepDays } from '../../core/backup/backup-config.ts'
import { day } from '../../core/clock.ts'
import { newestBackup } from './newest-backup.ts'
import { nameOf, partOf, parts, pieceOf, timeOfBackup } from './object-names.ts'
import type { Target } from './target.ts'

/** Pieces of ledgers stay for twice as long as the oldest backup that they could be needed for. */
export const ledgerKeptFor = 2 * longestKeepDays * day

/** The ids of the backups that are whole, oldest first. */
export function wholeBackups(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const found = partOf(name)
    return found?.part === 'manifest' ? [found.id] : []
  })
}

/**
 * Removes the backups that are older than `keepDays`, never the newest one, and what interrupted backups left a day ago
 * or earlier. Answers the ids of the backups that are gone.
 */
export async function removeOld(target: Target, keepDays: number, now: number): Promise<string[]> {
  const names = await target.list()
  const whole = wholeBackups(names)
  const newest = newestBackup(whole, now)
  const old = whole.filter((id) => id !== newest && now - (timeOfBackup(id) ?? now) >= keepDays * day)
  // The manifest first: of a backup that is half removed, nothing says any more that it is one.
  for (const id of old) for (const part of parts.toReversed()) await target.remove(nameOf(id, part))
  for (const name of names) {
    const piece = pieceOf(name)
    if (piece !== undefined && now - piece.sentAt >= ledgerKeptFor) await target.remove(name)
    const { id } = partOf(name) ?? {}
    if (id === undefined || whole.includes(id)) continue
    if (now - (timeOfBackup(id) ?? now) >= day) await target.remove(name)
  }
  return old
}
