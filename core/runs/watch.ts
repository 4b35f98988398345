import { second } from '../clock.ts'
import { ownInstanceOf } from '../own-instance.ts'
import { insideOf, type Platform } from '../platform.ts'
import { beat, forget } from '../store/instances.ts'
import { dismissRuns } from './dismiss-runs.ts'
import { heedCancellations } from './heed-cancellations.ts'
import { recoverRuns } from './recover-runs.ts'

const heartbeat = 10 * second
const round = 30 * second
/** After an outage of the database all seem dead, until each has had the time to be heard again. */
const settling = 2 * heartbeat
/** For so long a run can outlive its cancellation, or the end of its account, where another process did that. */
const glance = second

/** Keeps this process on the list of those that live, and looks after what dead ones left. */
export interface Watch {
  /** Signs on, then recovers the runs of instances that are gone; of those that are silent a little later. */
  start(): Promise<void>
  /** Signs off. */
  stop(): Promise<void>
}

export function createWatch(platform: Platform): Watch {
  const { store, clock } = insideOf(platform)
  const { log } = platform
  const self = ownInstanceOf(platform)
  const timers: NodeJS.Timeout[] = []

  let heardSince: number | undefined

  const beHeard = async (): Promise<void> => {
    try {
      await beat(store, self, clock())
      heardSince ??= performance.now()
    } catch (error) {
      heardSince = undefined
      throw error
    }
  }
  const recover = async (): Promise<void> => {
    const settled = heardSince !== undefined && performance.now() - heardSince >= settling
    const runs = await recoverRuns(platform, self, settled ? 'tells' : 'tells nothing')
    if (runs > 0) log.warn({ runs }, 'marked runs as interrupted')
  }
  const every = (duration: number, work: () => Promise<void>, complain: (error: unknown) => void): void => {
    const timer = setInterval(() => void work().catch(complain), duration)
    timers.push(timer.unref())
  }
  const unbeaten = (error: unknown): void => log.error({ err: error }, 'the heartbeat could not be written')
  const unrecovered = (error: unknown): void =>
    log.error({ err: error }, 'runs of dead instances could not be recovered')
  const undismissed = (error: unknown): void =>
    log.error({ err: error }, 'runs of suspended or deleted accounts could not be ended')

  const unheeded = (error: unknown): void => log.error({ err: error }, 'requests to end runs could not be read')

  return {
    async start() {
      await beHeard()
      await recover()
      every(heartbeat, beHeard, unbeaten)
      every(round, recover, unrecovered)
      every(glance, () => dismissRuns(platform), undismissed)
      every(glance, () => heedCancellations(platform), unheeded)
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await forget(store, [self.id])
    },
  }
}
