import { OortError } from '../errors.ts'

/**
 * Codes that Node and undici give when no connection came about: not a byte of the request was sent.
 * ECONNRESET and UND_ERR_SOCKET are not here: they also happen after the provider has begun to work, and bill.
 */
const neverSent = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])
const invalid = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_HEADERS_OVERFLOW'])
const closing = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

export function wasNeverSent(error: unknown): boolean {
  // With several addresses of a host, Node gathers the failures under one error that has the first one's code.
  return neverSent.has(codeOf(error))
}

/**
 * Our error for a failed connection or a body that broke off. Only the code of the original survives as the cause:
 * undici's errors can hold bytes of the answer, and an answer can repeat the key. An OortError passes unchanged.
 */
export function transportError(error: unknown, signal?: AbortSignal): OortError {
  if (error instanceof OortError) return error
  if (signal?.aborted === true) return new OortError('RUN_CANCELLED')
  const code = codeOf(error)
  const cause = new Error(code)
  if (closing.has(code)) return new OortError('SHUTTING_DOWN', {}, cause)
  if (timeouts.has(code)) return new OortError('PROVIDER_TIMEOUT', {}, cause)
  if (invalid.has(code) || code.startsWith('HPE_')) return new OortError('PROVIDER_RESPONSE_INVALID', {}, cause)
  return new OortError('PROVIDER_UNREACHABLE', {}, cause)
}
