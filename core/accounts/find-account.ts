import { eq } from 'drizzle-orm'
import type { UserId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { createUserScope, type UserScope } from '../scope/user-scope.ts'
import { users } from '../store/schema.ts'
import { emailIndexPurpose } from './email-address.ts'

/** An account found by what a person claims, before that person has proven anything. */
export interface Account {
  readonly userId: UserId
  readonly passwordHash: string
  readonly status: 'active' | 'suspended'
  readonly emailVerified: boolean
  /** Acts for the system until a proof was given: use it to write down what was tried, or after the proof. */
  readonly scope: UserScope
}

/** The account with this (normalised) e-mail address, found by its blind index. */
export async function findAccount(platform: Platform, email: string, requestId: string): Promise<Account | undefined> {
  const parts = insideOf(platform)
  const [row] = await parts.store.read
    .select({
      userId: users.id,
      passwordHash: users.passwordHash,
      status: users.status,
      emailVerifiedAt: users.emailVerifiedAt,
    })
    .from(users)
    .where(eq(users.emailIndex, parts.keyring.blindIndex(emailIndexPurpose, email)))
  if (row === undefined) return undefined
  const { emailVerifiedAt, ...account } = row
  const scope = createUserScope(parts, row.userId, { kind: 'user', id: row.userId, requestId })
  return { ...account, emailVerified: emailVerifiedAt !== null, scope }
}
