import { eq } from 'drizzle-orm'
import { OortError } from '../errors.ts'
import type { Id } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { insideOfTransaction } from '../scope/inside-transaction.ts'
import type { Row } from '../scope/owned-table.ts'
import type { UserTransaction } from '../scope/user-scope.ts'
import { passkeys, users } from '../store/schema.ts'
import { type Account, accountColumns, accountOf } from './find-account.ts'
import { spendChallenge } from './passkey-challenge.ts'
import type { Assertion, Credential } from './relying-party.ts'

/** A passkey for each device of a person, and some to lay by. */
export const mostPasskeys = 10

/** A passkey found by what a browser claims, and whose it is: nothing is proven yet. */
export interface FoundPasskey {
  readonly passkeyId: Id<'passkey'>
  readonly credential: Credential
  readonly account: Account
}

export async function findPasskey(
  platform: Platform,
  credentialId: string,
  requestId: string,
): Promise<FoundPasskey | undefined> {
  const { publicKey, counter, transports } = passkeys
  const [row] = await insideOf(platform)
    .store.read.select({ passkeyId: passkeys.id, publicKey, counter, transports, ...accountColumns })
    .from(passkeys)
    .innerJoin(users, eq(users.id, passkeys.userId))
    .where(eq(passkeys.credentialId, credentialId))
  if (row === undefined) return undefined
  const { passkeyId, publicKey: key, counter: count, transports: ways, ...facts } = row
  const credential = { credentialId, publicKey: key, counter: count, transports: ways }
  return { passkeyId, credential, account: accountOf(platform, facts, requestId) }
}

/**
 * Keeps a credential that was verified, and uses its challenge up. Throws LIMIT_REACHED, and PASSKEY_REFUSED for a
 * challenge that was used and for a credential that somebody has already.
 */
export async function addPasskey(
  tx: UserTransaction,
  { challenge, ...credential }: Credential & Assertion,
  label: string,
): Promise<Row<typeof passkeys>> {
  await spendChallenge(tx, challenge)
  if ((await tx.count(passkeys)) >= mostPasskeys) throw new OortError('LIMIT_REACHED')
  const { db } = insideOfTransaction(tx)
  const same = eq(passkeys.credentialId, credential.credentialId)
  const taken = await db.select({ id: passkeys.id }).from(passkeys).where(same)
  if (taken.length > 0) throw new OortError('PASSKEY_REFUSED')
  return tx.insert(passkeys, { ...credential, label }, { type: 'passkey.added' })
}

/**
 * Accepts an assertion that was verified, once: the challenge is used up, and the counter is compared again with the
 * row as it is now. Of two assertions that were verified at once, one can be refused here.
 * Throws PASSKEY_REFUSED, also when the passkey has been removed.
 */
export async function usePasskey(
  tx: UserTransaction,
  passkeyId: Id<'passkey'>,
  { challenge, counter, backedUp }: Assertion,
): Promise<void> {
  await spendChallenge(tx, challenge)
  const [present] = await tx.list(passkeys, { where: { id: passkeyId }, limit: 1 })
  if (present === undefined) throw new OortError('PASSKEY_REFUSED')
  const counted = counter > 0 || present.counter > 0
  if (counted && counter <= present.counter) throw new OortError('PASSKEY_REFUSED')
  const { now: lastUsedAt } = insideOfTransaction(tx)
  await tx.update(passkeys, passkeyId, { counter, backedUp, lastUsedAt }, { type: 'passkey.used' })
}
