import { isUtf8 } from 'node:buffer'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The answer of a search: the places, in the list of secrets, of those that were found. */
export type ByteSearch = (bytes: Buffer) => Set<number>

/** Half a secret is a find too: this many bytes of it suffice. */
const pieceBytes = 16

/**
 * Searches for many secrets at once: as they are, in hexadecimal digits, in base64 wherever it starts, and texts as JSON
 * and addresses write them. A piece of 16 bytes counts as a find, so that a secret of which the rest was written over is found as well.
 */
export function createByteSearch(secrets: readonly (string | Buffer)[]): ByteSearch {
  const byTail = new Map<number, { readonly piece: Buffer; readonly secret: number }[]>()
  for (const [secret, value] of secrets.entries()) {
    for (const piece of formsOf(Buffer.from(value)).flatMap(piecesOf)) {
      const tail = piece.readUInt32LE(piece.length - 4)
      const sharing = byTail.get(tail) ?? []
      sharing.push({ piece, secret })
      byTail.set(tail, sharing)
    }
  }
  return (bytes) => {
    const found = new Set<number>()
    let window = 0
    for (let at = 0; at < bytes.length; at += 1) {
      window = ((window >>> 8) | ((bytes[at] ?? 0) << 24)) >>> 0
      for (const { piece, secret } of byTail.get(window) ?? []) {
        const start = at + 1 - piece.length
        if (start >= 0 && bytes.compare(piece, 0, piece.length, start, at + 1) === 0) found.add(secret)
      }
    }
    return found
  }
}

/** The bytes of every file in a folder and its subfolders, one after the other. */
export async function bytesIn(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))))
}

function formsOf(secret: Buffer): Buffer[] {
  const hex = secret.toString('hex')
  const base64 = [0, 1, 2].map((shift) => base64At(secret, shift))
  const url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  const forms = [hex, hex.toUpperCase(), ...base64, ...url, ...(isUtf8(secret) ? escaped(secret.toString('utf8')) : [])]
  return [secret, ...forms.map((text) => Buffer.from(text))]
}

/** A text as JSON and as a part of an address write it, where that is not as it is. */
function escaped(text: string): string[] {
  return [JSON.stringify(text).slice(1, -1), encodeURIComponent(text)].filter((form) => form !== text)
}

/** The characters that base64 makes of these bytes alone when `shift` other bytes stand before them. */
function base64At(secret: Buffer, shift: number): string {
  const bits = (shift + secret.length) * 8
  const text = Buffer.concat([Buffer.alloc(shift), secret]).toString('base64')
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6))
}

function piecesOf(form: Buffer): Buffer[] {
  if (form.length < pieceBytes) return [form]
  return Array.from({ length: Math.floor(form.length / pieceBytes) }, (_, index) =>
    form.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  )
}
