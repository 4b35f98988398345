import { OortError } from '../../errors.ts'

/**
 * What PostgreSQL answers when it cannot serve for now: the connection is lost (08), it has no room or no connection to
 * spare (53), the transaction met others too often (40), a lock was held too long (55P03, 57014), it stops or starts
 * (57P), or it is a standby that was not promoted yet (25006, or 0A000 for serialisable transactions and unlogged tables,
 * which a standby does not have).
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const unavailable = /^(08|53|40|57P|58)|^(55P03|57014|25006|25P03|0A000)$/
/** The same, from the network below it. */
const unreachable = /^(ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EPIPE|ENOENT)/
const sqlState = /^[0-9A-Z]{5}$/

/** What pg itself says of connections, without a code. */
const lost = /connection|timeout|not queryable|after calling end/i

/**
 * Turns what the driver threw into what a caller may see. PostgreSQL's messages quote values, so they are not carried
 * along: only the code is. Returns STORE_UNAVAILABLE for a server that cannot serve for now, CONFLICT for a broken
 * uniqueness, INTERNAL for any other error of the database, and anything else unchanged.
 */
export function postgresFailure(error: unknown): unknown {
  if (error instanceof OortError || !(error instanceof Error)) return error
  const code = codeOf(error)
  if (code === undefined) return error
  const cause = Object.assign(new Error(code), { code })
  if (unavailable.test(code) || unreachable.test(code) || code === connectionLost) {
    return new OortError('STORE_UNAVAILABLE', { retryAfter: 5 }, cause)
  }
  return new OortError(code === '23505' ? 'CONFLICT' : 'INTERNAL', {}, cause)
}

/**
 * Whether the transaction does better when it is run again, since it met another: a serialisation that failed, a
 * deadlock, a link of an audit chain that was added meanwhile. A row that is there already may be another's of a moment
 * ago, or stay in the way: that is `perhaps`, and shows when it is run once more.
 * Source: https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
 */
export function hasMetAnother(error: unknown): 'yes' | 'perhaps' | 'no' {
  const code = error instanceof Error ? codeOf(error) : undefined
  if (code === '23505') return 'perhaps'
  return code !== undefined && ['40001', '40P01', chainMoved].includes(code) ? 'yes' : 'no'
}

/** Whether nothing more can be said on the connection: it broke, or an answer did not come in time. */
export function hasLostConnection(error: unknown): boolean {
  const code = error instanceof Error ? codeOf(error) : undefined
  return code !== undefined && (code === connectionLost || unreachable.test(code))
}

/** Raised by the triggers that hold the audit chain, for an entry that does not follow the last one. */
const chainMoved = 'OR002'

const connectionLost = 'CONNECTION_LOST'

function codeOf(error: Error): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : undefined
    if (code !== undefined && (sqlState.test(code) || unreachable.test(code))) return code
    if (code === undefined && lost.test(at.message)) return connectionLost
  }
  return undefined
}
