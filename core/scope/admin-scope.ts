import { and, eq } from 'drizzle-orm'
import type { AdminReason } from '../audit/events.ts'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { users } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { type Profile, updateProfile } from './profile.ts'
import type { ScopeParts } from './user-scope.ts'
import type { Writing } from './write-rows.ts'

/** What an administrator sees of an account: nothing that the user wrote, and no address. */
export type AccountFacts = Omit<Profile, 'email' | 'epoch'>

/**
 * The door for administrators. It has no method that opens a prompt, an output or a key: that does not compile.
 * Each change stands in the audit chain of the account it touches, with the administrator as actor.
 */
export interface AdminScope {
  readonly adminId: UserId
  /** Throws NOT_FOUND. */
  account(userId: UserId): Promise<AccountFacts>
  /**
   * Ends the account's sessions and refuses its API keys until it is unsuspended. Throws NOT_FOUND, or CONFLICT when it
   * would take the last active administrator away.
   */
  suspend(userId: UserId, reason: AdminReason): Promise<void>
  unsuspend(userId: UserId, reason: AdminReason): Promise<void>
  /** Throws NOT_FOUND, or CONFLICT when it would take the last active administrator away. */
  setRole(userId: UserId, role: 'user' | 'admin', reason: AdminReason): Promise<void>
}

/**
 * Reads the role from the database, at this request and again with each change. Throws FORBIDDEN for anyone who is no
 * active administrator.
 */
export async function createAdminScope(parts: ScopeParts, adminId: UserId, requestId: string): Promise<AdminScope> {
  const { store, keyring, clock } = parts
  await demandAdmin(store.read, adminId)

  const on = (userId: UserId, unit: (writing: Writing) => Promise<unknown>): Promise<void> =>
    store.write(async (db) => {
      // Once more, in the transaction: of two administrators who demote each other at once, one comes first.
      await demandAdmin(db, adminId)
      const actor = { kind: 'admin', id: adminId, requestId } as const
      await unit({ db, userId, keyring, actor, now: clock() })
      await demandAnAdmin(db)
    })

  return {
    adminId,
    async account(userId) {
      const { id, role, status, emailVerifiedAt, createdAt } = users
      const selection = { id, role, status, emailVerifiedAt, createdAt }
      const [row] = await store.read.select(selection).from(users).where(eq(users.id, userId))
      if (row === undefined) throw new OortError('NOT_FOUND')
      return row
    },
    async suspend(userId, reason) {
      await on(userId, (writing) =>
        updateProfile(writing, { status: 'suspended', endSessions: true }, { type: 'user.suspended', reason }),
      )
    },
    async unsuspend(userId, reason) {
      await on(userId, (writing) => updateProfile(writing, { status: 'active' }, { type: 'user.unsuspended', reason }))
    },
    async setRole(userId, role, reason) {
      await on(userId, (writing) => updateProfile(writing, { role }, { type: 'user.role_changed', role, reason }))
    },
  }
}

const activeAdmin = and(eq(users.role, 'admin'), eq(users.status, 'active'))

/** Throws FORBIDDEN for anyone who is no active administrator at this moment. */
export async function demandAdmin(db: Db, adminId: UserId): Promise<void> {
  const found = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, adminId), activeAdmin))
  if (found.length === 0) throw new OortError('FORBIDDEN')
}

async function demandAnAdmin(db: Db): Promise<void> {
  const found = await db.select({ id: users.id }).from(users).where(activeAdmin).limit(1)
  if (found.length === 0) throw new OortError('CONFLICT', { detail: 'This is the last administrator.' })
}
