import { hostname } from 'node:os'
import { second } from '../clock.ts'
import { insideOf, type Platform } from '../platform.ts'
import { beat, forget, type Instance } from '../store/instances.ts'
import { recoverRuns } from './recover-runs.ts'

const heartbeat = 10 * second
const round = 30 * second

/** Keeps this process on the list of those that live, and looks after what dead ones left. */
export interface Watch {
  /** Signs on, then recovers the runs of dead instances. */
  start(): Promise<void>
  /** Signs off. */
  stop(): Promise<void>
}

export function createWatch(platform: Platform): Watch {
  const { store, clock } = insideOf(platform)
  const { log } = platform
  const self: Instance = { id: platform.instanceId, host: hostname(), pid: process.pid }
  const timers: NodeJS.Timeout[] = []

  const recover = async (): Promise<void> => {
    const runs = await recoverRuns(platform, self)
    if (runs > 0) log.warn({ runs }, 'marked runs as interrupted')
  }
  const every = (duration: number, work: () => Promise<void>, failure: string): void => {
    const timer = setInterval(() => {
      work().catch((error: unknown) => log.error({ err: error }, failure))
    }, duration)
    timers.push(timer.unref())
  }

  return {
    async start() {
      await beat(store, self, clock())
      await recover()
      every(heartbeat, () => beat(store, self, clock()), 'the heartbeat could not be written')
      every(round, recover, 'runs of dead instances could not be recovered')
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await forget(store, [self.id])
    },
  }
}
