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
  readonly epoch: number
  readonly emailVerified: boolean
  /** Acts for the system: for writing down what was tried, and for what nobody has proven to be the owner's wish. */
  readonly unproven: UserScope
  /** Acts for the owner. Use it after the proof. */
  readonly scope: UserScope
}

/** The account with this (normalised) e-mail address, found by its blind index. */
export async function findAccount(platform: Platform, email: string, requestId: string): Promise<Account | undefined> {
  const { store, keyring } = insideOf(platform)
  const [row] = await store.read
    .select(accountColumns)
    .from(users)
    .where(eq(users.emailIndex, keyring.blindIndex(emailIndexPurpose, email)))
  return row === undefined ? undefined : accountOf(platform, row, requestId)
}

/** The columns that `accountOf` takes. */
export const accountColumns = {
  userId: users.id,
  passwordHash: users.passwordHash,
  status: users.status,
  epoch: users.epoch,
  emailVerifiedAt: users.emailVerifiedAt,
} as const

/** An account made of its row. */
export function accountOf(
  platform: Platform,
  row: Pick<Account, 'userId' | 'passwordHash' | 'status' | 'epoch'> & { readonly emailVerifiedAt: number | null },
  requestId: string,
): Account {
  const parts = insideOf(platform)
  const { emailVerifiedAt, ...facts } = row
  const { userId } = row
  return {
    ...facts,
    emailVerified: emailVerifiedAt !== null,
    unproven: createUserScope(parts, userId, { kind: 'system', id: platform.instanceId, requestId }),
    scope: createUserScope(parts, userId, { kind: 'user', id: userId, requestId }),
  }
}
