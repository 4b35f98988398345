import { randomBytes } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { hashToken } from '../crypto/tokens.ts'
import { insideOfTransaction } from '../scope/inside-transaction.ts'
import type { UserTransaction } from '../scope/user-scope.ts'
import { recoveryCodes } from '../store/schema.ts'

/** Crockford's base32: no letter that can be read as a digit or as another letter. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const characters = 24
const codesAtOnce = 10

/**
 * Makes ten codes in the place of any that the account had; only their hashes are kept. Each has 120 random bits, written
 * in six groups of four: from 112 bits on a plain hash is enough (ASVS 6.5.2, NIST SP 800-63B-4, 3.1.2.2).
 */
export async function makeRecoveryCodes(tx: UserTransaction): Promise<string[]> {
  await withdrawRecoveryCodes(tx)
  const codes = Array.from({ length: codesAtOnce }, newCode)
  for (const code of codes) {
    await tx.insert(recoveryCodes, { hash: hashOf(code) }, { type: 'recovery_code.made' })
  }
  return codes
}

/** Takes all unused codes away, for instance with the second factor that they stood in for. */
export async function withdrawRecoveryCodes(tx: UserTransaction): Promise<void> {
  for (const { id } of await tx.list(recoveryCodes, { limit: codesAtOnce })) {
    await tx.delete(recoveryCodes, id, { type: 'recovery_code.withdrawn' })
  }
}

/** Accepts a code once, however it was typed. Units of work run one after another: of two requests, one is refused. */
export async function useRecoveryCode(tx: UserTransaction, code: string): Promise<boolean> {
  const { db, userId } = insideOfTransaction(tx)
  const [found] = await db
    .select({ id: recoveryCodes.id })
    .from(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, userId), eq(recoveryCodes.hash, hashOf(code))))
  if (found === undefined) return false
  await tx.delete(recoveryCodes, found.id, { type: 'recovery_code.used' })
  return true
}

/** A byte has 256 values and the alphabet 32 signs, so that each sign is equally likely. */
function newCode(): string {
  const signs = [...randomBytes(characters)].map((byte) => alphabet[byte % alphabet.length])
  return signs.join('').replace(/.{4}(?=.)/g, '$&-')
}

/** SHA-256 of the signs alone, as Crockford has them read: O for zero, I and L for one, either case. */
function hashOf(code: string): Buffer {
  const signs = code.toUpperCase().replaceAll(/[ -]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return hashToken(signs)
}
