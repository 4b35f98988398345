import * as z from 'zod'

/** Long enough for any passphrase, short enough to be hashed. What a new one must have is checked by `checkPassword`. */
export const passwordField = z.string().min(1).max(1_024)

/** A code of an authenticator app (RFC 6238). */
export const codeField = z.string().regex(/^\d{6}$/)

/** The token of a mailed link: 256 bits in base64url. */
export const linkField = z.string().regex(/^[\w-]{43}$/)
