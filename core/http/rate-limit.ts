import { isIP, SocketAddress } from 'node:net'
import { second } from '../clock.ts'
import { OortError } from '../errors.ts'
import type { Platform } from '../platform.ts'

export interface Limit {
  /** Names what is counted: limits of different names do not touch. */
  readonly name: string
  readonly calls: number
  readonly perSeconds: number
}

interface Count {
  calls: number
  readonly until: number
}

/** Callers counted at once for each limit, about 20 MB. Beyond it the count that ends first is forgotten. */
const mostCallers = 100_000

const counts = new WeakMap<Platform, Map<string, Map<string, Count>>>()

/**
 * Counts one call of `caller` (an address, a user's id, a hash: never what a person typed) against a limit. The time
 * starts with the caller's first call. Throws RATE_LIMITED, with the seconds to wait, when its calls are used up.
 *
 * Counts live in this process and are bounded: whoever sends from ever new addresses fills no memory.
 */
export async function throttle(platform: Platform, limit: Limit, caller: string): Promise<void> {
  const now = platform.clock()
  const callers = countsOf(platform, limit.name)
  // All counts of a limit last equally long, so the map's order of insertion is the order in which they end.
  for (const [oldest, { until }] of callers) {
    if (until > now && callers.size < mostCallers) break
    callers.delete(oldest)
  }
  const known = callers.get(caller)
  const count = known ?? { calls: 0, until: now + limit.perSeconds * second }
  if (known === undefined) callers.set(caller, count)
  if (count.calls >= limit.calls) {
    throw new OortError('RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil((count.until - now) / second)) })
  }
  count.calls += 1
}

/**
 * What an address is counted by. A household or a rented server has 2⁶⁴ addresses of IPv6, so its network counts as
 * one; an IPv4 address counts alike in both notations. Source: RFC 6177, RFC 4291, section 2.5.5.2.
 */
export function callerOf(address: string | undefined): string {
  const plain = address?.replace(/%.*$/, '') ?? ''
  if (isIP(plain) === 4) return plain
  if (isIP(plain) !== 6) return 'unknown'
  const canonical = new SocketAddress({ address: plain, family: 'ipv6' }).address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail = ''] = canonical.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === '' ? [] : tail.split(':')
  const gap = Array.from({ length: 8 - first.length - last.length }, () => '0')
  return `${[...first, ...gap, ...last].slice(0, 4).join(':')}::/64`
}

function countsOf(platform: Platform, name: string): Map<string, Count> {
  const limits = counts.get(platform) ?? new Map<string, Map<string, Count>>()
  counts.set(platform, limits)
  const callers = limits.get(name) ?? new Map<string, Count>()
  limits.set(name, callers)
  return callers
}
