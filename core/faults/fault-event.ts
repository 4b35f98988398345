import type { ErrorEvent, Exception, StackFrame } from '@sentry/core'
import { labelsOf, placesOf } from '../describe-error.ts'
import { type ErrorCode, OortError } from '../errors.ts'
import { version } from '../version.ts'

/** Where and when a fault came up. */
export interface Occurrence {
  readonly requestId: string
  readonly method: string
  /** The pattern of the address, such as `/api/keys/:keyId`; never the address itself. */
  readonly route: string
}

/** Errors that say that something is wrong with us, and not with a request, a provider or the time of day. */
const faults: ReadonlySet<ErrorCode> = new Set(['INTERNAL', 'DECRYPTION_FAILED', 'STORE_UNAVAILABLE', 'OVERLOADED'])

export function isFault(error: OortError): boolean {
  return faults.has(error.code)
}

const deepestCause = 4
const methods = /^[A-Z]{1,10}$/
const pattern = /^\/[\w/:.*-]{0,120}$/
const ids = /^req_[\w-]{1,64}$/

/**
 * The event that tells Sentry of a fault. It is put together from what may leave, and nothing is taken over and then
 * cleaned: of each error in the chain of causes its class, its code and the places in our code, the route's pattern and
 * the request's id. No message but the catalogue's titles, no header, body, cookie, address or user.
 * `now` is in milliseconds since the epoch; `eventId` has 32 hexadecimal digits.
 */
export function faultEvent(
  error: OortError,
  { requestId, method, route }: Occurrence,
  at: { readonly now: number; readonly eventId: string; readonly environment: string },
): ErrorEvent {
  const place = `${methods.test(method) ? method : '?'} ${pattern.test(route) ? route : '?'}`
  return {
    type: undefined,
    event_id: at.eventId,
    timestamp: at.now / 1_000,
    platform: 'node',
    level: 'error',
    environment: at.environment,
    release: `oort@${version}`,
    transaction: place,
    fingerprint: [error.code, place, ...causesOf(error).map(({ type = '', value = '' }) => `${type} ${value}`)],
    exception: { values: [...causesOf(error)] },
    tags: { code: error.code, ...(ids.test(requestId) ? { requestId } : {}) },
  }
}

/** The chain of causes, the first of them first, as Sentry wants it. */
function causesOf(error: unknown, depth = 0): readonly Exception[] {
  if (!(error instanceof Error)) return error === undefined ? [] : [{ type: typeof error }]
  const before = depth < deepestCause ? causesOf(error.cause, depth + 1) : []
  const { name, code } = labelsOf(error)
  const value = error instanceof OortError ? error.message : (code ?? '')
  return [...before, { type: error instanceof OortError ? error.code : name, value, ...framesOf(error) }]
}

function framesOf(error: Error): { readonly stacktrace?: { frames: StackFrame[] } } {
  const frames = placesOf(error).map((place) => ({
    function: place.function,
    filename: place.file,
    lineno: place.line,
    colno: place.column,
    in_app: !/^node:|node_modules\//.test(place.file),
  }))
  return frames.length === 0 ? {} : { stacktrace: { frames: frames.toReversed() } }
}
