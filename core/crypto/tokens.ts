import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import baseX from 'base-x'

const base62 = baseX('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')

const prefix = 'oort_'
/** 62⁴³ > 2²⁵⁶ */
const secretCharacters = 43
/** 62⁶ > 2³² */
const checksumCharacters = 6
const shape = new RegExp(`^${prefix}[0-9A-Za-z]{${secretCharacters + checksumCharacters}}$`)

function checksum(text: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return base62.encode(bytes).padStart(checksumCharacters, '0')
}

/**
 * A new API key of ours: `oort_`, 256 random bits in base62 and a CRC-32 of all before it, also in base62. Prefix and
 * checksum let scanners find leaked keys without asking us (GitHub's format, April 2021). Only `hash` and `lastFour`
 * may be stored; `token` is shown once.
 */
export function issueToken(): { readonly token: string; readonly hash: Buffer; readonly lastFour: string } {
  const body = prefix + base62.encode(randomBytes(32)).padStart(secretCharacters, '0')
  const token = body + checksum(body)
  return { token, hash: hashToken(token), lastFour: token.slice(-4) }
}

/** Whether prefix, length, alphabet and checksum are right: a typing error needs no database to be refused. */
export function isWellFormedToken(text: string): boolean {
  return shape.test(text) && text.endsWith(checksum(text.slice(0, -checksumCharacters)))
}

/** SHA-256. No salt and no slow hash: 256 random bits cannot be guessed. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest()
}

/** 256 random bits in base64url for a link in a mail. Only `hash` may be stored. */
export function randomLinkToken(): { readonly token: string; readonly hash: Buffer } {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: hashToken(token) }
}
