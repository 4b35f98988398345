import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto'
import { OortError } from '../errors.ts'

const algorithm = 'aes-256-gcm'
const ivBytes = 12
/** Said to Node each time: older releases open a tag cut to 4 bytes unless they are told, and 2³² guesses find one. */
const tagBytes = 16

export interface Encrypted {
  /** 96 bits, fresh and random for each encryption. */
  readonly iv: Buffer
  /** 128 bits. */
  readonly tag: Buffer
  readonly ciphertext: Buffer
}

/**
 * AES-256-GCM under a fresh random IV. `aad` is authenticated and not stored: `decrypt` needs the same bytes.
 * One key may encrypt 2³² messages at most, for a chance of a repeated IV below 2⁻³².
 * Source: NIST SP 800-38D, sections 5.2.1.1, 8.2.2 and 8.3.
 */
export function encrypt(key: KeyObject, plaintext: Uint8Array, aad: Uint8Array): Encrypted {
  const iv = freshIv()
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes })
  cipher.setAAD(aad)
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return { iv, tag: cipher.getAuthTag(), ciphertext }
}

/** Random bytes are drawn for many IVs at once: asking for twelve costs as much. None is given out twice. */
const drawn = Buffer.alloc(ivBytes * 256)
let used = drawn.length

function freshIv(): Buffer {
  if (used === drawn.length) {
    randomFillSync(drawn)
    used = 0
  }
  const iv = Buffer.from(drawn.subarray(used, used + ivBytes))
  used += ivBytes
  return iv
}

/**
 * Returns the plaintext only if key, IV, tag, ciphertext and `aad` belong together. Every other case, an IV or a tag
 * of another length among them, is the same DECRYPTION_FAILED: which check failed is nobody's business.
 */
export function decrypt(key: KeyObject, { iv, tag, ciphertext }: Encrypted, aad: Uint8Array): Buffer {
  if (iv.length !== ivBytes || tag.length !== tagBytes) throw new OortError('DECRYPTION_FAILED')
  try {
    const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes })
    decipher.setAAD(aad)
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(ciphertext), decipher.final()])
  } catch {
    throw new OortError('DECRYPTION_FAILED')
  }
}
