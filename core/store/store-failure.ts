import { OortError } from '../errors.ts'

const unavailable = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM)/
const conflict = /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)/

/**
 * Turns what the database threw into what a caller may see. The message of a query error quotes SQL and its
 * parameters, so it is not carried along: only SQLite's own code is.
 * Returns OortError as it is, STORE_UNAVAILABLE for a disk or lock that fails, CONFLICT for a broken uniqueness,
 * INTERNAL for any other database error, and anything else unchanged.
 */
export function storeFailure(error: unknown): unknown {
  if (error instanceof OortError) return error
  const code = sqliteCode(error)
  if (code === undefined) return error
  const cause = Object.assign(new Error(code), { code })
  if (unavailable.test(code)) return new OortError('STORE_UNAVAILABLE', { retryAfter: 5 }, cause)
  if (conflict.test(code)) return new OortError('CONFLICT', {}, cause)
  return new OortError('INTERNAL', {}, cause)
}

/** True when the database is only taken for a moment by another process. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') ?? false
}

function sqliteCode(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && at.code.startsWith('SQLITE_')) return at.code
  }
  return undefined
}
