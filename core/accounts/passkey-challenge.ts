import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { lt } from 'drizzle-orm'
import { minute } from '../clock.ts'
import { OortError } from '../errors.ts'
import type { SessionId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { insideOfTransaction } from '../scope/inside-transaction.ts'
import type { UserTransaction } from '../scope/user-scope.ts'
import { spentChallenges } from '../store/schema.ts'

/** What an answer to a challenge is good for, and in which session; a sign-in has none yet. */
export type ChallengeUse =
  | { readonly purpose: 'sign_in' }
  | { readonly purpose: 'registration' | 'reauthentication'; readonly sessionId: SessionId }

/** Time enough to find a security key, or a telephone whose battery is flat. */
export const challengeLifetime = 5 * minute

const nonceBytes = 16
const expiryBytes = 6
const macBytes = 32

/**
 * A fresh challenge: 128 random bits, the time at which it ends and an HMAC-SHA-256 over both and its use. Nothing is
 * written for it, so that whoever asks for challenges and answers none leaves no trace.
 */
export function issueChallenge(platform: Platform, use: ChallengeUse): Uint8Array<ArrayBuffer> {
  const body = Buffer.alloc(nonceBytes + expiryBytes)
  randomBytes(nonceBytes).copy(body)
  body.writeUIntBE(platform.clock() + challengeLifetime, nonceBytes, expiryBytes)
  return new Uint8Array(Buffer.concat([body, macOf(platform, body, use)]))
}

/** Whether this text (base64url) is a challenge that we issued for this use. That it is fresh is for `spendChallenge`. */
export function isOurChallenge(platform: Platform, challenge: string, use: ChallengeUse): boolean {
  const bytes = Buffer.from(challenge, 'base64url')
  if (bytes.length !== nonceBytes + expiryBytes + macBytes || bytes.toString('base64url') !== challenge) return false
  const body = bytes.subarray(0, -macBytes)
  return timingSafeEqual(bytes.subarray(-macBytes), macOf(platform, body, use))
}

/**
 * Uses up a challenge that is ours, in the transaction that accepts its answer. Whether it has ended is asked here and
 * not before, since the same transaction forgets those that have. Throws PASSKEY_REFUSED for one that has ended or was
 * used.
 */
export async function spendChallenge(tx: UserTransaction, challenge: string): Promise<void> {
  const { db, now } = insideOfTransaction(tx)
  const expiresAt = Buffer.from(challenge, 'base64url').readUIntBE(nonceBytes, expiryBytes)
  if (expiresAt <= now) throw new OortError('PASSKEY_REFUSED')
  await db.delete(spentChallenges).where(lt(spentChallenges.expiresAt, now))
  const hash = createHash('sha256').update(challenge).digest()
  const { changes } = await db.insert(spentChallenges).values({ hash, expiresAt }).onConflictDoNothing()
  if (changes === 0) throw new OortError('PASSKEY_REFUSED')
}

function macOf(platform: Platform, body: Uint8Array, use: ChallengeUse): Buffer {
  const bound = JSON.stringify([use.purpose, 'sessionId' in use ? use.sessionId : null])
  return insideOf(platform).keyring.mac('passkey-challenge', Buffer.concat([body, Buffer.from(bound)]))
}
