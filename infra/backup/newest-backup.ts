import { minute } from '../../core/clock.ts'
import { timeOfBackup } from './object-names.ts'

/** The clocks of the host that makes backups and of the one that looks at them differ by less. */
const skew = 5 * minute

/** Whether a backup says that it was made later than now: the clock by which it was made ran ahead, or this one is slow. */
export function isAhead(id: string, now: number): boolean {
  return (timeOfBackup(id) ?? now) > now + skew
}

/**
 * The newest of these backups, which go from the oldest to the newest. One that is ahead is passed over: it would stand
 * before all that are made until its time has come, and grow ever older.
 */
export function newestBackup(ids: readonly string[], now: number): string | undefined {
  return ids.findLast((id) => !isAhead(id, now))
}
