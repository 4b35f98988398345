import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Probe, Stopwatch } from './probe.ts'
import { reachOrigin } from './reach-origin.ts'

/** Milliseconds. Beyond it every answer waits so long that people see it. */
const mostDelay = 200

/** How long the event loop kept work waiting since the last reading: the 99th percentile, in milliseconds. */
export interface LoopDelay {
  read(): number
  stop(): void
}

export function watchLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: 50 })
  histogram.enable()
  return {
    read() {
      const delay = histogram.percentile(99) / 1e6
      histogram.reset()
      return delay
    },
    stop: () => void histogram.disable(),
  }
}

/**
 * Whether this process answers on its own address, as anybody would ask it; `degraded` when its event loop was held up
 * since the last look.
 */
export function probeApi(ownOrigin: () => string, loop: LoopDelay, stopwatch: Stopwatch): Probe {
  return {
    component: 'api',
    async look(signal) {
      const delay = loop.read()
      const state = await reachOrigin(ownOrigin(), { path: '/healthz', signal, stopwatch })
      return state === 'operational' && delay > mostDelay ? 'degraded' : state
    },
  }
}
