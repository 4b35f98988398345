/**
 * The catalogue of every error a caller can meet: code → HTTP status and title.
 * A code is a promise: it is never reused for another meaning.
 */
export const catalogue = {
  // Requests that cannot be understood
  BODY_INVALID: { status: 400, title: 'The request does not have the expected shape' },
  JSON_INVALID: { status: 400, title: 'The request body is not valid JSON' },
  TEXT_INVALID: { status: 400, title: 'Text holds a NUL character or an unpaired surrogate' },
  CURSOR_INVALID: { status: 400, title: 'The page cursor is not one that we issued' },
  HEADERS_INVALID: { status: 400, title: 'The request line or headers are malformed' },
  CONTENT_TYPE_UNSUPPORTED: { status: 415, title: 'The Content-Type is not supported here' },
  BODY_TOO_LARGE: { status: 413, title: 'The request body is too large' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The request headers are too large' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request took too long to arrive' },
  ROUTE_NOT_FOUND: { status: 404, title: 'There is nothing at this address' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address does not support the method' },

  // Who is asking
  UNAUTHENTICATED: { status: 401, title: 'Sign in, or send a valid API key' },
  ACCOUNT_CHANGED: { status: 409, title: 'Somebody else has signed in at this browser since' },
  CREDENTIALS_REFUSED: { status: 401, title: 'The e-mail address or the password is wrong' },
  SECOND_FACTOR_REQUIRED: { status: 401, title: 'A second-factor code is needed to sign in' },
  SECOND_FACTOR_REFUSED: { status: 401, title: 'The second-factor code is wrong or was used before' },
  PASSKEY_REFUSED: { status: 401, title: 'The passkey was refused' },
  FORBIDDEN: { status: 403, title: 'You are not allowed to do this' },
  SCOPE_MISSING: { status: 403, title: 'The API key lacks the scope that this needs' },
  CROSS_SITE_REFUSED: { status: 403, title: 'The request came from another site' },
  ACCOUNT_SUSPENDED: { status: 403, title: 'The account is suspended' },
  REAUTHENTICATION_REQUIRED: { status: 403, title: 'Confirm that it is you, by password or passkey, to do this' },
  RATE_LIMITED: { status: 429, title: 'Too many requests: wait, then try again' },

  // What was asked for
  NOT_FOUND: { status: 404, title: 'There is no such record' },
  CONFLICT: { status: 409, title: 'The record is not in a state that allows this' },
  LIMIT_REACHED: { status: 409, title: 'The limit of records of this kind is reached' },
  PASSWORD_TOO_SHORT: { status: 422, title: 'The password needs at least 15 characters' },
  PASSWORD_TOO_COMMON: { status: 422, title: 'The password is among the most commonly used' },
  LINK_INVALID: { status: 410, title: 'The link is wrong, was used before or has expired' },
  SECOND_FACTOR_ABSENT: { status: 409, title: 'No second factor is set up' },
  SECOND_FACTOR_PRESENT: { status: 409, title: 'A second factor is set up already' },
  PROVIDER_UNKNOWN: { status: 422, title: 'The provider is not one that we support' },
  PROVIDER_KEY_MALFORMED: { status: 422, title: 'The key does not look like one of this provider' },
  PROVIDER_KEY_MISSING: { status: 422, title: 'You have no key for this provider' },
  PROVIDER_KEY_REFUSED: { status: 422, title: 'The provider refused the key' },
  MODEL_UNKNOWN: { status: 404, title: 'The model is not known' },

  // Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07)
  IDEMPOTENCY_KEY_INVALID: { status: 400, title: 'The Idempotency-Key is malformed' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The Idempotency-Key was used with another request' },
  IDEMPOTENCY_IN_PROGRESS: { status: 409, title: 'The first request with this Idempotency-Key is still running' },
  IDEMPOTENCY_NOT_REPLAYABLE: {
    status: 409,
    title: 'The first answer was not kept: it was too large, or what it told of was deleted',
  },

  // The provider behind us
  PROVIDER_UNREACHABLE: { status: 502, title: 'The provider could not be reached' },
  PROVIDER_ERROR: { status: 502, title: 'The provider answered with an error' },
  PROVIDER_RATE_LIMITED: { status: 429, title: 'The provider limits the rate of requests for your key' },
  PROVIDER_TIMEOUT: { status: 504, title: 'The provider took too long to answer' },
  PROVIDER_REQUEST_REFUSED: { status: 422, title: 'The provider refused the request' },
  PROVIDER_RESPONSE_INVALID: { status: 502, title: 'The provider sent an answer that cannot be read' },
  RUN_CANCELLED: { status: 409, title: 'The run was cancelled' },

  // Plans and payments
  PLAN_LIMIT_REACHED: { status: 402, title: 'Your plan allows no more of this' },
  CONCURRENCY_REACHED: { status: 429, title: 'As many runs as your plan allows are under way' },
  PLAN_NOT_SOLD: { status: 422, title: 'The plan is not for sale here' },
  PAYMENTS_DISABLED: { status: 404, title: 'No payments are taken here' },
  PAYMENTS_UNAVAILABLE: { status: 502, title: 'The payment service did not do what it was asked' },
  SIGNATURE_REFUSED: { status: 400, title: 'The signature is missing, wrong, or not of this time' },

  // Ourselves
  DECRYPTION_FAILED: { status: 500, title: 'A sealed value could not be opened' },
  STORE_UNAVAILABLE: { status: 503, title: 'The database cannot be written to at the moment' },
  OVERLOADED: { status: 503, title: 'The server has no room for more at the moment: try again' },
  SHUTTING_DOWN: { status: 503, title: 'The server is restarting: try again' },
  MAIL_UNAVAILABLE: { status: 503, title: 'Mail cannot be sent at the moment' },
  INTERNAL: { status: 500, title: 'Something failed on our side; the request id finds it in our log' },
} as const satisfies Record<string, { status: number; title: string }>

export type ErrorCode = keyof typeof catalogue

/** What an error may tell beside its code. Never a secret, a prompt, a stack, SQL or a path. */
export interface ErrorFacts {
  /** One sentence for people, about this occurrence. */
  readonly detail?: string
  /** Which parts of the request are wrong: JSON Pointer (RFC 6901) and the reason. */
  readonly issues?: readonly { readonly pointer: string; readonly message: string }[]
  /** Seconds after which a further try can succeed; also sent as Retry-After. */
  readonly retryAfter?: number
  /** Further headers of the answer, such as Allow. */
  readonly headers?: Readonly<Record<string, string>>
  /** The HTTP status that the provider answered, where one did. */
  readonly providerStatus?: number
  /** The status to answer with instead of the code's own, where the caller's client knows the provider's alone. */
  readonly status?: number
}

/** The only error that code throws on purpose. `cause` stays in the log and never reaches a caller. */
export class OortError extends Error {
  override readonly name = 'OortError'
  readonly code: ErrorCode
  readonly facts: ErrorFacts

  constructor(code: ErrorCode, facts: ErrorFacts = {}, cause?: unknown) {
    super(catalogue[code].title, cause === undefined ? undefined : { cause })
    this.code = code
    this.facts = facts
  }

  get status(): number {
    return this.facts.status ?? catalogue[this.code].status
  }
}
