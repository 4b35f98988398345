import * as z from 'zod'

/** Long enough for any passphrase, short enough to be hashed. What a new one must have is checked by `checkPassword`. */
export const passwordField = z.string().min(1).max(1_024)

/** A code of an authenticator app (RFC 6238). */
export const totpField = z.string().regex(/^\d{6}$/)

/** A recovery code: twenty-four signs, with or without a hyphen or a space between each four. */
const recoveryCode = /^[0-9A-Za-z]{4}(?:[ -]?[0-9A-Za-z]{4}){5}$/

/** What proves the second factor: a code of the authenticator app, or a recovery code in its place. */
export const codeField = z.union([totpField, z.string().regex(recoveryCode)])

export function isRecoveryCode(code: string): boolean {
  return recoveryCode.test(code)
}

/** The token of a mailed link: 256 bits in base64url. */
export const linkField = z.string().regex(/^[\w-]{43}$/)
