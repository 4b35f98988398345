import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { OortError } from '../errors.ts'

/** Bytes as they come, in pieces of any size. */
export type Bytes = AsyncIterable<Uint8Array>

/** Names the format; changes with the meaning of the bytes after it. */
const magic = Buffer.from('oort-stream/1\n')
const saltBytes = 32
const headerBytes = magic.length + saltBytes
const tagBytes = 16
const chunkBytes = 65_536
const algorithm = 'aes-256-gcm'

/**
 * Seals a stream of any length in constant memory: a random salt, then chunks of 64 KiB, each under AES-256-GCM with
 * its number and whether it is the last in the nonce. Moving, leaving out or repeating a chunk, cutting the stream
 * short and adding to it are all found, and so is a stream under another `name`. The key of the stream is derived
 * from `key`, salt and name: it is used once, so numbered nonces cannot repeat.
 * Source: Hoang, Reyhanitabar, Rogaway and Vizár, "Online authenticated-encryption and its nonce-reuse
 * misuse-resistance" (2015), STREAM; laid out as the payload of age, https://c2sp.org/age
 */
export function sealStream(key: KeyObject, name: string): (plain: Bytes) => AsyncGenerator<Buffer> {
  return async function* (plain) {
    const salt = randomBytes(saltBytes)
    const streamKey = keyOf(key, salt, name)
    yield Buffer.concat([magic, salt])
    let number = 0
    for await (const { piece, last } of cut(plain, chunkBytes, chunkBytes)) {
      const cipher = createCipheriv(algorithm, streamKey, nonceOf(number, last), { authTagLength: tagBytes })
      yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
      number += 1
    }
  }
}

/**
 * Opens what `sealStream` made with the same key and name; throws DECRYPTION_FAILED for anything else. What comes out
 * is genuine so far, and the whole only once the stream has ended: trust nothing of it before.
 */
export function openStream(key: KeyObject, name: string): (sealed: Bytes) => AsyncGenerator<Buffer> {
  return async function* (sealed) {
    let streamKey: Buffer | undefined
    let number = 0
    for await (const { piece, last } of cut(sealed, headerBytes, chunkBytes + tagBytes)) {
      if (streamKey === undefined) {
        if (last || !piece.subarray(0, magic.length).equals(magic)) throw new OortError('DECRYPTION_FAILED')
        streamKey = keyOf(key, piece.subarray(magic.length), name)
        continue
      }
      // An empty chunk is right in an empty stream alone: elsewhere it would be a second way to say the same.
      if (piece.length === tagBytes && number > 0) throw new OortError('DECRYPTION_FAILED')
      yield openChunk(streamKey, piece, nonceOf(number, last))
      number += 1
    }
  }
}

function openChunk(streamKey: Buffer, sealed: Buffer, nonce: Buffer): Buffer {
  try {
    const decipher = createDecipheriv(algorithm, streamKey, nonce, { authTagLength: tagBytes })
    decipher.setAuthTag(sealed.subarray(-tagBytes))
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()])
  } catch {
    throw new OortError('DECRYPTION_FAILED')
  }
}

function keyOf(key: KeyObject, salt: Uint8Array, name: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, `oort/stream/1/${name}`, 32))
}

/** 88 bits of the chunk's number, of which 48 are in use, and 8 of whether it is the last. */
function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(number, 5, 6)
  nonce[11] = last ? 1 : 0
  return nonce
}

/** A first piece of `first` bytes, then pieces of `size`; the last may be shorter, and is empty where nothing is left. */
async function* cut(bytes: Bytes, first: number, size: number) {
  let held: Uint8Array[] = []
  let length = 0
  let due = first
  for await (const some of bytes) {
    held.push(some)
    length += some.length
    // A full piece waits until more comes: only then it is known not to be the last.
    if (length <= due) continue
    let rest = Buffer.concat(held)
    for (; rest.length > due; due = size) {
      yield { piece: rest.subarray(0, due), last: false }
      rest = rest.subarray(due)
    }
    held = [rest]
    length = rest.length
  }
  yield { piece: Buffer.concat(held), last: true }
}
