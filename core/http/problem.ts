import { catalogue, type ErrorCode, OortError } from '../errors.ts'
import { storeFailure } from '../store/store-failure.ts'

/** The body of every error. Source: RFC 9457. */
export interface Problem {
  /** Where the code is explained: `GET /errors`. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly detail?: string
  readonly issues?: readonly { readonly pointer: string; readonly message: string }[]
  readonly providerStatus?: number
  readonly requestId: string
  /** The same once more in the form that the providers' own clients read. */
  readonly error: { readonly type: string; readonly code: ErrorCode; readonly message: string }
}

export const problemType = 'application/problem+json'

/** Errors of Fastify and of the machine, and what they mean to a caller. Source: Fastify's reference of errors; errno(3). */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'CONTENT_TYPE_UNSUPPORTED',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_INVALID',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'JSON_INVALID',
  FST_ERR_CTP_INVALID_JSON_BODY: 'JSON_INVALID',
  FST_ERR_VALIDATION: 'BODY_INVALID',
  FST_ERR_BAD_URL: 'ROUTE_NOT_FOUND',
  FST_ERR_MAX_PARAM_LENGTH: 'ROUTE_NOT_FOUND',
  // The caller went away while its body was read.
  ECONNRESET: 'REQUEST_TIMEOUT',
  EMFILE: 'OVERLOADED',
  ENFILE: 'OVERLOADED',
}

/** Any thrown value as one of our errors; what we do not know becomes INTERNAL with the value as its cause. */
export function toOortError(thrown: unknown): OortError {
  const error = storeFailure(thrown)
  if (error instanceof OortError) return error
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = frameworkCodes[code]
  return known === undefined ? new OortError('INTERNAL', {}, error) : new OortError(known)
}

export function toProblem(error: OortError, requestId: string): Problem {
  const { title } = catalogue[error.code]
  const { status } = error
  const { detail, issues, providerStatus } = error.facts
  return {
    type: `/errors#${error.code}`,
    title,
    status,
    code: error.code,
    ...(detail === undefined ? {} : { detail }),
    ...(issues === undefined ? {} : { issues }),
    ...(providerStatus === undefined ? {} : { providerStatus }),
    requestId,
    error: { type: errorType(status), code: error.code, message: detail ?? title },
  }
}

/** The headers that go with an error's answer. */
export function problemHeaders(error: OortError): Record<string, string> {
  const { retryAfter, headers } = error.facts
  return {
    ...headers,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }),
    ...(error.status === 401 ? { 'www-authenticate': 'Bearer realm="oort"' } : {}),
    'content-type': problemType,
  }
}

/** The word for a class of errors that OpenAI's and Anthropic's clients share. */
function errorType(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 404) return 'not_found_error'
  if (status === 413) return 'request_too_large'
  if (status === 429) return 'rate_limit_error'
  return status < 500 ? 'invalid_request_error' : 'api_error'
}
