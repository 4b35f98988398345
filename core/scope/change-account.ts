import { eq } from 'drizzle-orm'
import type { Actor, AdminReason } from '../audit/events.ts'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { endSessions } from '../session/end-sessions.ts'
import { users } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { insideOfTransaction } from './inside-transaction.ts'
import { refuseLastAdmin } from './last-admin.ts'
import type { Profile } from './profile.ts'
import { createUserScope, type DemandRight, type ScopeParts, type UserTransaction } from './user-scope.ts'

/**
 * The changes to an account that others than its owner make. Each stands in the audit chain of the account it touches,
 * and throws NOT_FOUND, or CONFLICT when the account is in that state already.
 */
export interface AccountChanges {
  /**
   * Ends the account's sessions and refuses its API keys until it is unsuspended. Follow it with
   * `LiveRuns.abortAllOf`. Throws CONFLICT, too, when it would take the last active administrator away.
   */
  suspend(userId: UserId, reason: AdminReason): Promise<void>
  unsuspend(userId: UserId, reason: AdminReason): Promise<void>
  /** Ends the account's sessions: every browser must sign in anew. */
  endSessions(userId: UserId, reason: AdminReason): Promise<void>
  /** Throws CONFLICT, too, when it would take the last active administrator away. */
  setRole(userId: UserId, role: Profile['role'], reason: AdminReason): Promise<void>
}

interface Change {
  readonly tx: UserTransaction
  readonly db: Db
  readonly account: Pick<Profile, 'role' | 'status'>
}

/** The changes as made by `actor`. Each transaction asks `demandRight`. */
export function accountChanges(parts: ScopeParts, actor: Actor, demandRight: DemandRight): AccountChanges {
  const change = (userId: UserId, unit: (change: Change) => Promise<unknown>): Promise<void> =>
    createUserScope(parts, userId, actor, demandRight).write(async (tx) => {
      const { db } = insideOfTransaction(tx)
      const { role, status } = users
      const [account] = await db.select({ role, status }).from(users).where(eq(users.id, userId))
      if (account === undefined) throw new OortError('NOT_FOUND')
      await unit({ tx, db, account })
    })

  return {
    suspend: (userId, reason) =>
      change(userId, async ({ tx, db, account }) => {
        demandChange(account.status, 'suspended')
        await refuseLastAdmin(db, userId)
        await endSessions(tx)
        await tx.updateProfile({ status: 'suspended', endSessions: true }, { type: 'user.suspended', reason })
      }),
    unsuspend: (userId, reason) =>
      change(userId, async ({ tx, account }) => {
        demandChange(account.status, 'active')
        await tx.updateProfile({ status: 'active' }, { type: 'user.unsuspended', reason })
      }),
    endSessions: (userId, reason) =>
      change(userId, async ({ tx }) => {
        await endSessions(tx)
        await tx.updateProfile({ endSessions: true }, { type: 'user.sessions_ended', reason })
      }),
    setRole: (userId, role, reason) =>
      change(userId, async ({ tx, db, account }) => {
        demandChange(account.role, role)
        if (role === 'user') await refuseLastAdmin(db, userId)
        await tx.updateProfile({ role }, { type: 'user.role_changed', role, reason })
      }),
  }
}

/** The log shall tell of no change that was none. */
function demandChange(from: string, to: string): void {
  if (from === to) throw new OortError('CONFLICT', { detail: `The account is "${to}" already.` })
}
