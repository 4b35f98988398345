import type { UserId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import type { AdminScope } from '../scope/admin-scope.ts'
import { type AuditRecord, recordOf } from '../scope/read-audit.ts'
import { type AuditFilter, searchAudit } from '../store/search-audit.ts'

/** An entry of anybody's chain: ids, counts and words of fixed sets, as is all that the log holds. */
export interface LogEntry extends AuditRecord {
  /** Where it stands among all entries, in the order in which they were written. */
  readonly position: number
  readonly subjectId: UserId
  readonly actorId: string
  readonly requestId: string
}

export interface LogPage extends AuditFilter {
  /** The position of the last entry of the page before. */
  readonly cursor?: number | undefined
  readonly limit: number
}

/**
 * Entries of all chains, newest first. A page costs the same in a log of any length. `_admin` is the caller's proof of
 * being an administrator. Throws CURSOR_INVALID for a position that no entry has.
 */
export async function listEntries(
  platform: Platform,
  _admin: AdminScope,
  { cursor, ...page }: LogPage,
): Promise<LogEntry[]> {
  const rows = await searchAudit(insideOf(platform).store.read, { ...page, after: cursor })
  return rows.map(({ rowid: position, entry }) => {
    const { subjectId, actorId, requestId } = entry
    return { position, subjectId, actorId, requestId, ...recordOf(entry) }
  })
}
