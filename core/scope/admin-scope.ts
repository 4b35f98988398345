import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import { emailIndexPurpose } from '../accounts/email-address.ts'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { users } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { type AccountChanges, accountChanges } from './change-account.ts'
import type { Profile } from './profile.ts'
import type { DemandRight, ScopeParts } from './user-scope.ts'

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
 * Each change has the administrator as actor, and throws FORBIDDEN, too, once the caller is none.
 */
export interface AdminScope extends AccountChanges {
  readonly adminId: UserId
  /** For transactions of core's own on what belongs to no user. Throws FORBIDDEN, and what ended the caller's session. */
  readonly demandRight: DemandRight
  /** Throws NOT_FOUND. */
  account(userId: UserId): Promise<AccountFacts>
  /** Accounts, newest first. */
  accounts(filter: AccountFilter): Promise<AccountFacts[]>
}

/**
 * Reads the role from the database, at this request and again with each change, before which `demandStanding` is asked as
 * well. Throws FORBIDDEN for anyone who is no active administrator.
 */
export async function createAdminScope(
  parts: ScopeParts,
  adminId: UserId,
  requestId: string,
  demandStanding?: DemandRight,
): Promise<AdminScope> {
  const { store, keyring } = parts
  await demandAdmin(store.read, adminId)
  const actor = { kind: 'admin', id: adminId, requestId } as const
  // Once more, in each transaction: of two administrators who demote each other at once, one comes first.
  const demandRight: DemandRight = async (db) => {
    await demandStanding?.(db)
    await demandAdmin(db, adminId)
  }
  return {
    ...accountChanges(parts, actor, demandRight),
    adminId,
    demandRight,
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
async function demandAdmin(db: Db, adminId: UserId): Promise<void> {
  const found = await db
    .select({ id })
    .from(users)
    .where(and(eq(id, adminId), roleIs.admin, statusIs.active))
  if (found.length === 0) throw new OortError('FORBIDDEN')
}

/** Throws NOT_FOUND. */
export async function readFacts(db: Db, userId: UserId): Promise<AccountFacts> {
  const [row] = await db.select(facts).from(users).where(eq(id, userId))
  if (row === undefined) throw new OortError('NOT_FOUND')
  return row
}
