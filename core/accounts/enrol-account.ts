import { contextOf } from '../crypto/context-of.ts'
import { newId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { recordEvent } from '../scope/profile.ts'
import { createUserScope, type UserScope } from '../scope/user-scope.ts'
import { users } from '../store/schema.ts'
import { packSealed } from '../store/sealed-row.ts'
import { emailIndexPurpose } from './email-address.ts'

export interface NewAccount {
  /** Normalised: see `emailAddress`. */
  readonly email: string
  /** A PHC string. */
  readonly passwordHash: string
  /** When the address was verified, or null. */
  readonly emailVerifiedAt: number | null
}

/** Creates an account and the first event of its audit chain. Throws CONFLICT when the address has one already. */
export async function enrolAccount(platform: Platform, account: NewAccount, requestId: string): Promise<UserScope> {
  const parts = insideOf(platform)
  const { store, keyring, clock } = parts
  const { email, passwordHash, emailVerifiedAt } = account
  const userId = newId('user')
  const actor = { kind: 'user', id: userId, requestId } as const
  await store.write(async (db) => {
    const now = clock()
    await db.insert(users).values({
      id: userId,
      emailIndex: keyring.blindIndex(emailIndexPurpose, email),
      ...packSealed('email', keyring.seal(email, contextOf('users', 'email', { id: userId }))),
      passwordHash,
      emailVerifiedAt,
      createdAt: now,
    })
    await recordEvent({ db, keyring, userId, actor, now }, { type: 'user.signed_up' })
  })
  return createUserScope(parts, userId, actor)
}
