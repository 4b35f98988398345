import * as z from 'zod'
import { looksLikeKey } from '../keys/looks-like-key.ts'

/** Control characters, line breaks and marks that turn the direction of writing: none has a place in a name. */
const plain = /^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u

/**
 * What a user calls a key or a passkey: 1 to 80 characters on one line. White space around it is removed. Labels are
 * stored as they are, so a key pasted here by mistake must not be.
 */
export const label = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(plain, 'Control characters are not allowed')
  .refine((text) => !looksLikeKey(text), 'This looks like a key, and names are not kept secret')
