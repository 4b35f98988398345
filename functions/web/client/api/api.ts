import { ApiError, readProblem } from './problem.ts'

export interface CallOptions {
  readonly signal?: AbortSignal
  /** One of `newIdempotencyKey`, for operations that honour it: the same key makes a repeated call safe. */
  readonly idempotencyKey?: string
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

let tellOf: (code: ApiError['code']) => void = () => {}

let account: string | undefined

/** Calls are for this account from now on, and refused where the browser has another one's session. */
export function speakFor(accountId: string | undefined): void {
  account = accountId
}

/** `then` is told the code of each refusal, before the call throws. */
export function onRefusal(then: (code: ApiError['code']) => void): void {
  tellOf = then
}

/** Calls this site and answers the response as it is. Throws ApiError. */
export async function send(
  method: Method,
  path: string,
  body?: unknown,
  { signal, idempotencyKey }: CallOptions = {},
): Promise<Response> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: {
      ...(account === undefined ? {} : { 'oort-account': account }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause
    throw new ApiError({
      code: 'UNREACHABLE',
      message: 'Oort cannot be reached. Check your connection, then try again',
    })
  })
  if (response.ok) return response
  const error = await readProblem(response)
  tellOf(error.code)
  throw error
}

/** Calls an operation and answers its JSON, whose shape the caller names. Throws ApiError. */
async function call<T>(method: Method, path: string, body?: unknown, options?: CallOptions): Promise<T> {
  const response = await send(method, path, body, options)
  return (await response.json()) as T
}

export const api = {
  get: <T>(path: string, options?: CallOptions) => call<T>('GET', path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('POST', path, body, options),
  put: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('PUT', path, body, options),
  patch: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('PATCH', path, body, options),
  delete: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('DELETE', path, body, options),
}

/** A key for one intent of the user: keep it while the same thing is tried again. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID()
}

/** A path with its query; members that are undefined or empty are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
  return text === '' ? path : `${path}?${text}`
}
