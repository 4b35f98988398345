import type { Readable } from 'node:stream'
import { OortError } from '../errors.ts'
import { transportError } from './transport-error.ts'

/** The largest answer that is read as a whole. Bytes. */
export const maxBodyBytes = 16 * 1024 * 1024

/**
 * Reads a body to its end. Throws PROVIDER_RESPONSE_INVALID, and closes the connection, once it is longer than
 * `limit` bytes; the errors of `transportError` when it breaks off.
 */
export async function readBody(body: Readable, limit = maxBodyBytes, signal?: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.byteLength
      if (length > limit)
        throw new OortError('PROVIDER_RESPONSE_INVALID', { detail: 'The provider answered too much.' })
      chunks.push(chunk)
    }
  } catch (error) {
    throw transportError(error, signal)
  }
  return Buffer.concat(chunks, length)
}
