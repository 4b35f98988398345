import type { Keyring } from '../crypto/keyring.ts'
import type { UserId } from '../ids.ts'

/** Bounds what one prompt adds to the index; words further on are not found by search. */
const mostTerms = 200
const termBytes = 8
const word = /[\p{L}\p{N}_]+/gu

/**
 * The blind index terms of a text: for each different word (NFKC, lower case, 2 to 64 characters, the first 200) the
 * first 8 bytes of a keyed hash bound to the user, so that equal words of two users do not show as equal.
 * Eight bytes are enough: within one user's words a chance collision only lets one run too many be found.
 */
export function searchTerms(keyring: Keyring, userId: UserId, text: string): Buffer[] {
  const words = new Set<string>()
  for (const [found] of text.normalize('NFKC').toLowerCase().matchAll(word)) {
    if (found.length >= 2 && found.length <= 64) words.add(found)
    if (words.size === mostTerms) break
  }
  return [...words].map((each) => keyring.blindIndex('run-term', `${userId}\n${each}`).subarray(0, termBytes))
}
