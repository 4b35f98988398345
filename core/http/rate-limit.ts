import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { OortError } from '../errors.ts'
import type { Platform } from '../platform.ts'

export interface Limit {
  /** Names what is counted: limits of different names do not touch. */
  readonly name: string
  readonly calls: number
  readonly perSeconds: number
}

const limiters = new WeakMap<Platform, Map<string, RateLimiterMemory>>()

/**
 * Counts one call of `caller` (an address, a user's id, a hash: never what a person typed) against a limit.
 * Throws RATE_LIMITED, with the seconds to wait, when the calls of this time are used up.
 */
export async function throttle(platform: Platform, limit: Limit, caller: string): Promise<void> {
  const known = limiters.get(platform) ?? new Map<string, RateLimiterMemory>()
  limiters.set(platform, known)
  const limiter = known.get(limit.name) ?? new RateLimiterMemory({ points: limit.calls, duration: limit.perSeconds })
  known.set(limit.name, limiter)
  try {
    await limiter.consume(caller)
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    throw new OortError('RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000)) })
  }
}
