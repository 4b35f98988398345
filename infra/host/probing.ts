import type { AddressInfo } from 'node:net'
import type { Capability } from '../../core/http/operation.ts'
import { createProber } from '../../core/incidents/probes/keep-probing.ts'
import { watchLoopDelay } from '../../core/incidents/probes/probe-api.ts'
import { probesOf } from '../../core/incidents/probes/probes-of.ts'
import type { Platform } from '../../core/platform.ts'

/**
 * Looks at each component once a minute for as long as the host is up. It belongs to hosts that stay: a Lambda function
 * sleeps between two calls. `address` is where the host listens, asked for when it does.
 */
export function probing(platform: Platform, address: () => AddressInfo | string | null): Capability {
  const loop = watchLoopDelay()
  const ownOrigin = () => originAt(address())
  const prober = createProber(platform, probesOf(platform, { ownOrigin, loop, stopwatch: () => performance.now() }))
  return {
    name: 'probing',
    operations: [],
    start: async () => prober.start(),
    async stop() {
      loop.stop()
      await prober.stop()
    },
  }
}

/** Where a process on this machine reaches a host that listens there, on all interfaces perhaps. */
function originAt(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new TypeError('the host does not listen on a port')
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address.address] ?? address.address
  return `http://${address.family === 'IPv6' ? `[${host}]` : host}:${address.port}`
}
