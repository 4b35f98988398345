import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'
import { type Clock, minute, second, systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { OortError } from '../errors.ts'
import { askUpstream } from '../telemetry/steps.ts'
import type { CallerHeaders, Provider, UpstreamRequest } from './provider.ts'
import { readRetryAfter } from './retry-after.ts'
import { transportError, wasNeverSent } from './transport-error.ts'

export interface UpstreamResponse {
  readonly status: number
  readonly headers: CallerHeaders
  /**
   * The bytes as the provider sends them. Consume it (`readBody`, or by piping) or destroy it; its errors become
   * ours by `transportError`.
   */
  readonly body: Readable
}

export interface SendOptions {
  readonly signal?: AbortSignal
  /** No stream is asked for: the provider says nothing before its answer is complete, and has `answerTimeout` for that. */
  readonly whole?: boolean
}

/** How long a provider may take for an answer, unless told otherwise. Milliseconds. */
export const longestAnswer = 15 * minute

export interface Upstream {
  /**
   * Sends a request to its provider's origin and resolves with the answer's status and headers, whatever the status
   * is (but never with 3xx). Up to the first byte of an answer it tries again, with backoff, after 429, 500, 502,
   * 503, 504, 529 and failed connections: nothing has been answered or billed then. The signal ends everything at
   * once and closes the socket.
   *
   * Throws PROVIDER_UNREACHABLE, PROVIDER_TIMEOUT, PROVIDER_ERROR (a redirect), PROVIDER_RESPONSE_INVALID
   * (a compressed body: we asked for none, and inflating one is how small answers become large), SHUTTING_DOWN, and
   * for the signal its reason if that is an OortError, else PROVIDER_TIMEOUT (`AbortSignal.timeout`) or RUN_CANCELLED.
   * No error holds a header, a body or an address.
   */
  send(request: UpstreamRequest, options?: SendOptions): Promise<UpstreamResponse>
  /** Ends open requests at once, so drain them first. */
  close(): Promise<void>
}

/** Times are in milliseconds. */
export interface UpstreamOptions {
  readonly connectTimeout?: number
  /** From the request's last byte to the headers of a stream. */
  readonly headersTimeout?: number
  /** Between two chunks of the body. */
  readonly bodyTimeout?: number
  /** From the headers to the last byte: a provider that drips bytes passes every other limit. */
  readonly answerTimeout?: number
  /** Tries in all, the first included. */
  readonly attempts?: number
  /** The pause before a try, where the provider does not ask for another one. `retry` counts from 1. */
  readonly backoff?: (retry: number) => number
  /** Rejects when the signal aborts. */
  readonly sleep?: (duration: number, signal: AbortSignal | undefined) => Promise<void>
  readonly clock?: Clock
}

const retriedStatuses = new Set([429, 500, 502, 503, 504, 529])

/** A provider that asks us to wait longer gets no second try: its answer goes to the caller, who can decide. */
const longestPause = 10 * second

/** Half a second, doubled each time, of which up to a half is taken off at random lest all come back together. */
function defaultBackoff(retry: number): number {
  return 0.5 * second * 2 ** (retry - 1) * (1 - Math.random() / 2)
}

async function defaultSleep(duration: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(duration, undefined, signal === undefined ? {} : { signal })
}

/** One origin per provider, fixed here for good: no request carries one. */
export function createUpstream(origins: Config['providerOrigins'], options: UpstreamOptions = {}): Upstream {
  const attempts = options.attempts ?? 3
  const backoff = options.backoff ?? defaultBackoff
  const sleep = options.sleep ?? defaultSleep
  const clock = options.clock ?? systemClock
  const answerTimeout = options.answerTimeout ?? longestAnswer
  const headersTimeout = options.headersTimeout ?? 60 * second

  const pool = (origin: string): Pool =>
    new Pool(origin, {
      connect: { timeout: options.connectTimeout ?? 5 * second },
      bodyTimeout: options.bodyTimeout ?? 60 * second,
      // One request, one socket: to abort a run closes its connection, which is what stops a provider's meter.
      allowH2: false,
      pipelining: 1,
    })
  const pools: Readonly<Record<Provider, Pool>> = {
    openai: pool(origins.openai),
    anthropic: pool(origins.anthropic),
    cerebras: pool(origins.cerebras),
  }

  /** Milliseconds until the next try after this answer; undefined where there is none. */
  const pauseAfter = (response: UpstreamResponse, retry: number): number | undefined => {
    if (!retriedStatuses.has(response.status) || response.headers['x-should-retry'] === 'false') return undefined
    const asked = readRetryAfter(response.headers, clock())
    if (asked === undefined) return backoff(retry)
    return asked <= longestPause ? asked : undefined
  }

  /** One try: the answer to hand on, or the pause before the next try. */
  const attempt = async (
    request: UpstreamRequest,
    { signal, whole = false }: SendOptions,
    retry: number,
  ): Promise<UpstreamResponse | number> => {
    try {
      const patience = whole ? answerTimeout : headersTimeout
      const response = await exchange(pools[request.provider], request, patience, signal)
      const pause = retry < attempts ? pauseAfter(response, retry) : undefined
      if (pause === undefined) return accepted(response)
      discard(response.body)
      return pause
    } catch (error) {
      if (retry < attempts && wasNeverSent(error)) return backoff(retry)
      throw transportError(error, signal)
    }
  }

  return {
    async send(request, options = {}) {
      const { signal } = options
      refuseForeignPath(request.path)
      const asking = askUpstream(request.provider)
      try {
        for (let retry = 1; ; retry++) {
          const outcome = await attempt(request, options, retry)
          if (typeof outcome !== 'number') {
            asking.answered()
            outcome.body.once('close', asking.ended)
            return limited(outcome, answerTimeout)
          }
          await sleep(outcome, signal).catch((error: unknown) => {
            throw transportError(error, signal)
          })
        }
      } catch (error) {
        asking.ended()
        throw error
      }
    },
    async close() {
      await Promise.all(Object.values(pools).map((each) => each.destroy()))
    },
  }
}

/** `//host/…` and `/\host/…` are addresses of another host to some readers of URLs. Spaces would split the line. */
function refuseForeignPath(path: string): void {
  if (/^\/(?![/\\])[\x21-\x7e]*$/.test(path)) return
  throw new OortError('INTERNAL', {}, new Error('not a path on the origin'))
}

async function exchange(
  pool: Pool,
  request: UpstreamRequest,
  headersTimeout: number,
  signal: AbortSignal | undefined,
): Promise<UpstreamResponse> {
  const { statusCode, headers, body } = await pool.request({
    method: request.method,
    path: request.path,
    headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'oort', ...request.headers },
    body: request.body ?? null,
    headersTimeout,
    signal: signal ?? null,
  })
  return { status: statusCode, headers, body }
}

/** Refuses what no caller may get: a redirect (following one would carry the key elsewhere) and a compressed body. */
function accepted(response: UpstreamResponse): UpstreamResponse {
  const encoding = response.headers['content-encoding']
  if (response.status >= 300 && response.status < 400) {
    discard(response.body)
    throw new OortError('PROVIDER_ERROR', {
      detail: 'The provider answered with a redirect, which we do not follow.',
      providerStatus: response.status,
    })
  }
  if (encoding !== undefined && encoding !== 'identity') {
    discard(response.body)
    throw new OortError('PROVIDER_RESPONSE_INVALID', { detail: 'The provider compressed its answer unasked.' })
  }
  return response
}

/**
 * Destroys the body with PROVIDER_TIMEOUT once it has taken too long as a whole. The empty listener is for a body
 * that fails before its reader has come to it: without any, Node ends the process. Readers still get the error.
 */
function limited(response: UpstreamResponse, answerTimeout: number): UpstreamResponse {
  const timer = setTimeout(() => response.body.destroy(new OortError('PROVIDER_TIMEOUT')), answerTimeout)
  timer.unref()
  response.body.on('error', () => {}).once('close', () => clearTimeout(timer))
  return response
}

/** Closes the socket rather than reading the rest: a rest can be endless. */
function discard(body: Readable): void {
  body.on('error', () => {}).destroy()
}
