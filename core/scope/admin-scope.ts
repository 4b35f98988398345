import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import { emailIndexPurpose } from '../accounts/email-address.ts'
import type { AdminReason } from '../audit/events.ts'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { endSessions } from '../session/end-sessions.ts'
import { users } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { insideOfTransaction } from './inside-transaction.ts'
import { refuseLastAdmin } from './last-admin.ts'
import type { Profile } from './profile.ts'
import { createUserScope, type ScopeParts, type UserTransaction } from './user-scope.ts'

/** What an administrator sees of an account: nothing that the user wrote, and no address. */
export type AccountFacts = Omit<Profile, 'email' | 'epoch'>

export interface AccountFilter {
  readonly userId?: UserId | undefined
  /** Normalised: see `emailAddress`. Finds the account that has exactly this address. */
  readonly email?: string | undefined
  readonly role?: Profile['role'] | undefined
  readonly status?: Profile['status'] | undefined
  /** Only accounts older than this one: the cursor of the page. */
  readonly before?: UserId | undefined
  readonly limit: number
}

/**
 * The door for administrators. It has no method that opens a prompt, an output or a key: that does not compile.
 * Each change stands in the audit chain of the account it touches, with the administrator as actor. A change throws
 * NOT_FOUND, CONFLICT when the account is in that state already, or FORBIDDEN once the caller is no administrator.
 */
export interface AdminScope {
  readonly adminId: UserId
  /** Throws NOT_FOUND. */
  account(userId: UserId): Promise<AccountFacts>
  /** Accounts, newest first. */
  accounts(filter: AccountFilter): Promise<AccountFacts[]>
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
  readonly account: AccountFacts
}

/**
 * Reads the role from the database, at this request and again with each change. Throws FORBIDDEN for anyone who is no
 * active administrator.
 */
export async function createAdminScope(parts: ScopeParts, adminId: UserId, requestId: string): Promise<AdminScope> {
  const { store, keyring } = parts
  await demandAdmin(store.read, adminId)

  const change = (userId: UserId, unit: (change: Change) => Promise<unknown>): Promise<void> =>
    createUserScope(parts, userId, { kind: 'admin', id: adminId, requestId }).write(async (tx) => {
      const { db } = insideOfTransaction(tx)
      // Once more, in the transaction: of two administrators who demote each other at once, one comes first.
      await demandAdmin(db, adminId)
      await unit({ tx, db, account: await readFacts(db, userId) })
    })

  return {
    adminId,
    account: (userId) => readFacts(store.read, userId),
    accounts({ userId, email, role, status, before, limit }) {
      const conditions = and(
        userId === undefined ? undefined : eq(users.id, userId),
        email === undefined ? undefined : eq(users.emailIndex, keyring.blindIndex(emailIndexPurpose, email)),
        role === undefined ? undefined : roleIs[role],
        status === undefined ? undefined : statusIs[status],
        before === undefined ? undefined : lt(users.id, before),
      )
      return store.read.select(facts).from(users).where(conditions).orderBy(desc(users.id)).limit(limit)
    },
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

const { id, role, status, emailVerifiedAt, createdAt } = users
const facts = { id, role, status, emailVerifiedAt, createdAt }

/** The words stand in the statement itself: bound ones would keep the indexes of the few from being used. */
const roleIs: Readonly<Record<Profile['role'], SQL>> = {
  user: sql`${role} = 'user'`,
  admin: sql`${role} = 'admin'`,
}
const statusIs: Readonly<Record<Profile['status'], SQL>> = {
  active: sql`${status} = 'active'`,
  suspended: sql`${status} = 'suspended'`,
}

/** Throws FORBIDDEN for anyone who is no active administrator at this moment. */
export async function demandAdmin(db: Db, adminId: UserId): Promise<void> {
  const found = await db
    .select({ id })
    .from(users)
    .where(and(eq(id, adminId), roleIs.admin, statusIs.active))
  if (found.length === 0) throw new OortError('FORBIDDEN')
}

async function readFacts(db: Db, userId: UserId): Promise<AccountFacts> {
  const [row] = await db.select(facts).from(users).where(eq(id, userId))
  if (row === undefined) throw new OortError('NOT_FOUND')
  return row
}

/** The log shall tell of no change that was none. */
function demandChange(from: string, to: string): void {
  if (from === to) throw new OortError('CONFLICT', { detail: `The account is "${to}" already.` })
}
