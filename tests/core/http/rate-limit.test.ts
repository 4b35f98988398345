import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minute, second } from '../../../core/clock.ts'
import { createCallCounter } from '../../../core/http/call-counter.ts'
import { callerOf, throttle } from '../../../core/http/rate-limit.ts'
import type { Platform } from '../../../core/platform.ts'

/** All that a limit looks at. */
function platformAt(clock: () => number): Pick<Platform, 'calls'> {
  return { calls: createCallCounter(clock) }
}

const limit = { name: 'tries', calls: 3, perSeconds: 60 } as const

describe('a limit', () => {
  test('lets its calls through and then none until its time is over', async () => {
    let now = 1_000
    const platform = platformAt(() => now)
    for (let call = 0; call < 3; call += 1) await throttle(platform, limit, 'ada')
    now += 50 * second
    await expect(throttle(platform, limit, 'ada')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      facts: { retryAfter: 10 },
    })
    now += 10 * second - 1
    await expect(throttle(platform, limit, 'ada')).rejects.toMatchObject({ facts: { retryAfter: 1 } })
    now += 1
    await throttle(platform, limit, 'ada')
  })

  test('counts each caller and each name for itself', async () => {
    const platform = platformAt(() => 0)
    const once = { ...limit, calls: 1 }
    await throttle(platform, once, 'ada')
    await throttle(platform, once, 'ben')
    await throttle(platform, { ...once, name: 'others' }, 'ada')
    await throttle(
      platformAt(() => 0),
      once,
      'ada',
    )
    await expect(throttle(platform, once, 'ada')).rejects.toThrow()
  })

  test('of an endless row of callers keeps no more than it may, and the latest', async () => {
    const platform = platformAt(() => 0)
    const once = { ...limit, calls: 1 }
    const before = process.memoryUsage().heapUsed
    for (let caller = 0; caller < 300_000; caller += 1) await throttle(platform, once, `caller ${caller}`)
    global.gc?.()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1_024 * 1_024)
    await expect(throttle(platform, once, 'caller 299999')).rejects.toThrow()
    await throttle(platform, once, 'caller 0')
  })

  test('forgets callers whose time is over', async () => {
    let now = 0
    const platform = platformAt(() => now)
    await throttle(platform, { ...limit, calls: 1 }, 'ada')
    now = minute
    await throttle(platform, { ...limit, calls: 1 }, 'ben')
    await throttle(platform, { ...limit, calls: 1 }, 'ada')
  })
})

describe('an address is counted', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['not an address', 'unknown'],
    ['', 'unknown'],
    [undefined, 'unknown'],
  ])('%s as %s', (address, caller) => {
    expect(callerOf(address)).toBe(caller)
  })

  test('with all others of its IPv6 network, and with none outside', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
        const text = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(':')
        const network = groups.slice(0, 4)
        expect(callerOf(text(groups))).toBe(callerOf(`${text(network)}::1`))
        const neighbour = [...network.slice(0, 3), (network[3] ?? 0) ^ 1, ...groups.slice(4)]
        expect(callerOf(text(neighbour))).not.toBe(callerOf(text(groups)))
      }),
    )
  })
})
