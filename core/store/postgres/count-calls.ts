import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import { type Clock, minute, second } from '../../clock.ts'
import type { CallCounter } from '../../http/call-counter.ts'
import { postgresFailure } from './postgres-failure.ts'

/**
 * One statement and no transaction around it: it waits for another of the same caller, and never fails for it. The
 * table is unlogged, so that a count costs no flush; after a crash of the server all count anew.
 */
const countOne = `
  INSERT INTO call_counts AS known (limit_name, caller, calls, ends_at) VALUES ($1, $2, 1, $3)
  ON CONFLICT (limit_name, caller) DO UPDATE SET
    calls = CASE WHEN known.ends_at <= $4 THEN 1 ELSE known.calls + 1 END,
    ends_at = CASE WHEN known.ends_at <= $4 THEN excluded.ends_at ELSE known.ends_at END
  RETURNING calls, ends_at AS "endsAt"`

const forget = 'DELETE FROM call_counts WHERE ends_at <= $1'

/** Callers that are known to be over a limit: so many are turned away without asking the database. */
const mostRefused = 10_000

/** Counts in the database, together with every process that does. Throws STORE_UNAVAILABLE where it is away. */
export function countCalls(pool: Pool, clock: Clock): CallCounter {
  const refused = new Map<string, number>()
  let forgotAt = clock()

  function forgetOld(now: number): void {
    if (now - forgotAt < minute) return
    forgotAt = now
    for (const [caller, until] of refused) if (until <= now) refused.delete(caller)
    // Another process, or the next minute, does what this one could not.
    pool.query(forget, [now]).catch(() => undefined)
  }

  return {
    async count({ name, calls, perSeconds }, caller) {
      const now = clock()
      const key = `${name} ${caller}`
      const until = refused.get(key) ?? 0
      if (until > now) return secondsFrom(now, until)
      refused.delete(key)
      forgetOld(now)
      const hash = createHash('sha256').update(key).digest()
      const values = [name, hash, now + perSeconds * second, now]
      const { rows } = await pool
        .query<{ calls: number; endsAt: number }>({ name: 'count call', text: countOne, values })
        .catch((error: unknown) => {
          throw postgresFailure(error)
        })
      const [found] = rows
      if (found === undefined || found.calls <= calls) return 0
      if (refused.size < mostRefused) refused.set(key, found.endsAt)
      return secondsFrom(now, found.endsAt)
    },
  }
}

function secondsFrom(now: number, until: number): number {
  return Math.max(1, Math.ceil((until - now) / second))
}
