import type { SessionId } from '../ids.ts'
import type { UserTransaction } from '../scope/user-scope.ts'
import { sessions } from '../store/schema.ts'

const batch = 100

/**
 * Removes the account's sessions, all but `keep`. The epoch is what kills their cookies at once; without their rows
 * they also leave the list of sessions.
 */
export async function endSessions(tx: UserTransaction, keep?: SessionId): Promise<void> {
  for (;;) {
    const ended = (await tx.list(sessions, { limit: batch })).filter(({ id }) => id !== keep)
    if (ended.length === 0) return
    for (const { id } of ended) await tx.delete(sessions, id, { type: 'session.ended', by: 'revocation' })
  }
}
