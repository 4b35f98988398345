import type { OortError } from '../errors.ts'
import type { ProviderAdapter } from './provider.ts'
import { readBody } from './read-body.ts'
import type { UpstreamResponse } from './upstream.ts'

/**
 * The error that an answer outside 2xx stands for. Reads its body up to `limit` bytes; where the body is broken or
 * larger, the status says enough.
 */
export async function refusalOf(
  adapter: ProviderAdapter,
  { status, headers, body }: UpstreamResponse,
  limit: number,
  signal: AbortSignal,
): Promise<OortError> {
  const bytes = await readBody(body, limit, signal).catch(() => Buffer.alloc(0))
  return adapter.readError(status, bytes, headers)
}
