import type { Limit } from '../../core/http/call-counter.ts'

/** What a worker asks of the primary: to count a call. `n` pairs the answer with it. */
export interface CountRequest {
  readonly kind: 'count'
  readonly n: number
  readonly limit: Limit
  readonly caller: string
}

/** How long the caller is to wait, in seconds; 0 when the call is within its limit. */
export interface CountAnswer {
  readonly kind: 'counted'
  readonly n: number
  readonly wait: number
}

/** Asks a worker to end in order. A message and no signal: a terminal sends its signal to all of us already. */
export interface DrainRequest {
  readonly kind: 'drain'
}

export type FromWorker = CountRequest
export type FromPrimary = CountAnswer | DrainRequest
