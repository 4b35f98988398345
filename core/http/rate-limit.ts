import { isIP, SocketAddress } from 'node:net'
import { OortError } from '../errors.ts'
import type { Platform } from '../platform.ts'
import { channels } from '../telemetry/channels.ts'
import type { Limit } from './call-counter.ts'

/**
 * Counts one call of `caller` (an address, a user's id, a hash: never what a person typed) against a limit. The time
 * starts with the caller's first call. Throws RATE_LIMITED, with the seconds to wait, when its calls are used up.
 */
export async function throttle({ calls }: Pick<Platform, 'calls'>, limit: Limit, caller: string): Promise<void> {
  const retryAfter = await calls.count(limit, caller)
  if (retryAfter === 0) return
  channels.callRefused.tell(limit.name)
  throw new OortError('RATE_LIMITED', { retryAfter })
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
