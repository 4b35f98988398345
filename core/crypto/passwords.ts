import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { OortError } from '../errors.ts'
import { isCommonPassword } from './is-common-password.ts'

/**
 * Argon2id as the OWASP Password Storage Cheat Sheet sets it: 19 MiB, two passes, one lane. Node computes it on libuv's
 * four threads, so that no crowd of sign-ins takes more than 4 × 19 MiB.
 */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const
const minimumCharacters = 15
const saltBytes = 16
const tagBytes = 32

interface Phc {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Buffer
  readonly tag: Buffer
}

const argon2Async = promisify(argon2)

/** NFC, so that `é` typed as one code point or as two is one password (RFC 8265, section 4.2.2; NIST SP 800-63B-4). */
function normalise(password: string): string {
  return password.normalize('NFC')
}

function derive(password: string, { salt, tag, ...parameters }: Phc): Promise<Buffer> {
  return argon2Async('argon2id', {
    ...parameters,
    message: Buffer.from(normalise(password), 'utf8'),
    nonce: salt,
    tagLength: tag.length,
  })
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

function format({ memory, passes, parallelism, salt, tag }: Phc): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

const phcPattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{16,128})$/

/** A stored hash that cannot be read is damage on our side, not a wrong password. */
function parse(phc: string): Phc {
  const [, memory, passes, parallelism, salt, tag] = phcPattern.exec(phc) ?? []
  if (salt === undefined || tag === undefined) throw new OortError('INTERNAL')
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}

/** A PHC string with its own random salt: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`, RFC 9106. */
export async function hashPassword(password: string): Promise<string> {
  const blank = { ...cost, salt: randomBytes(saltBytes), tag: Buffer.alloc(tagBytes) }
  return format({ ...blank, tag: await derive(password, blank) })
}

/** Whether the password is the one that was hashed. Compares in constant time. INTERNAL for an unreadable hash. */
export async function verifyPassword(phc: string, password: string): Promise<boolean> {
  const stored = parse(phc)
  return timingSafeEqual(await derive(password, stored), stored.tag)
}

/** Whether the hash was made at a lower cost than today's: hash anew at the next sign-in, when the password is there. */
export function needsRehash(phc: string): boolean {
  const { memory, passes, parallelism, salt, tag } = parse(phc)
  return (
    memory < cost.memory ||
    passes < cost.passes ||
    parallelism < cost.parallelism ||
    salt.length < saltBytes ||
    tag.length < tagBytes
  )
}

/** The hash of no password: its tag is random. */
const nobody = format({ ...cost, salt: randomBytes(saltBytes), tag: randomBytes(tagBytes) })

/**
 * Does all that `verifyPassword` does, for an account that does not exist: the time of the answer must not tell
 * whether it does (P2).
 */
export async function verifyAgainstNobody(password: string): Promise<false> {
  await verifyPassword(nobody, password)
  return false
}

/**
 * Tells why a new password is refused, or undefined. At least 15 characters, because it may be the only factor, counted
 * as code points after normalisation; a blocklist; no rules of composition. `personal`: see `isCommonPassword`.
 * Source: NIST SP 800-63B-4, section 3.1.1.2.
 */
export function checkPassword(
  password: string,
  personal: readonly string[] = [],
): 'PASSWORD_TOO_SHORT' | 'PASSWORD_TOO_COMMON' | undefined {
  if ([...normalise(password)].length < minimumCharacters) return 'PASSWORD_TOO_SHORT'
  return isCommonPassword(password, personal) ? 'PASSWORD_TOO_COMMON' : undefined
}
