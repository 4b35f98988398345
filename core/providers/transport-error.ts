import { type ErrorCode, OortError } from '../errors.ts'

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
  // Our own: no file descriptor, or no memory for a socket.
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
])

/** The other codes and names that mean something to a caller. All else is PROVIDER_UNREACHABLE. */
const meanings: Readonly<Record<string, ErrorCode>> = {
  UND_ERR_CONNECT_TIMEOUT: 'PROVIDER_TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'PROVIDER_TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'PROVIDER_TIMEOUT',
  ETIMEDOUT: 'PROVIDER_TIMEOUT',
  TimeoutError: 'PROVIDER_TIMEOUT',
  AbortError: 'RUN_CANCELLED',
  ABORT_ERR: 'RUN_CANCELLED',
  UND_ERR_ABORTED: 'RUN_CANCELLED',
  UND_ERR_DESTROYED: 'SHUTTING_DOWN',
  UND_ERR_CLOSED: 'SHUTTING_DOWN',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'PROVIDER_RESPONSE_INVALID',
  UND_ERR_HEADERS_OVERFLOW: 'PROVIDER_RESPONSE_INVALID',
  UND_ERR_INVALID_ARG: 'INTERNAL',
  EMFILE: 'OVERLOADED',
  ENFILE: 'OVERLOADED',
  ENOBUFS: 'OVERLOADED',
}

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
 *
 * A signal that has aborted explains the failure, whatever it looks like: by its reason if that is an OortError, else
 * as PROVIDER_TIMEOUT (`AbortSignal.timeout`) or RUN_CANCELLED.
 */
export function transportError(error: unknown, signal?: AbortSignal): OortError {
  const origin: unknown = signal?.aborted === true ? signal.reason : error
  if (origin instanceof OortError) return origin
  const code = codeOf(origin)
  const cause = Object.assign(new Error(code), { code })
  if (code.startsWith('HPE_')) return new OortError('PROVIDER_RESPONSE_INVALID', {}, cause)
  const meaning = Object.hasOwn(meanings, code) ? meanings[code] : undefined
  return new OortError(meaning ?? (signal?.aborted === true ? 'RUN_CANCELLED' : 'PROVIDER_UNREACHABLE'), {}, cause)
}
