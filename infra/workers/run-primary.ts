import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { second, systemClock } from '../../core/clock.ts'
import type { Config } from '../../core/config.ts'
import { createCallCounter } from '../../core/http/call-counter.ts'
import { createLog } from '../../core/log.ts'
import type { FromPrimary, FromWorker } from './messages.ts'

/** A worker that ends is replaced after a moment, which doubles each time until one has lived for `longEnough`. */
const firstPause = second
const longestPause = 30 * second
const longEnough = 60 * second

/**
 * Hosts `config.workers` copies of this very program on one port and keeps count for them all. One starts alone, so that the
 * database is migrated once and a start that fails is told once; then the others. Ends when they have ended: with 0
 * after a signal, with the code of the first where that could not start.
 */
export async function runPrimary(config: Config): Promise<void> {
  const log = createLog(config)
  const calls = createCallCounter(systemClock)
  let ending = false

  const begin = (): Worker => {
    const worker = cluster.fork()
    worker.on('message', async (asked: FromWorker) => {
      const wait = await calls.count(asked.limit, asked.caller)
      tell(worker, { kind: 'counted', n: asked.n, wait })
    })
    // Before it listens it does not hear that all are to end.
    worker.on('listening', () => {
      if (ending) tell(worker, { kind: 'drain' })
    })
    return worker
  }

  /** Runs one worker after another until the host is to end. */
  const keep = async (first: Worker = begin()): Promise<void> => {
    let pause = firstPause
    for (let worker = first; ; worker = begin()) {
      const since = performance.now()
      const [status] = await once(worker, 'exit')
      if (ending) return
      if (performance.now() - since > longEnough) pause = firstPause
      log.error({ status: Number(status) }, 'a worker ended and is replaced')
      await sleep(pause)
      if (ending) return
      pause = Math.min(2 * pause, longestPause)
    }
  }

  const end = (): void => {
    // A second signal means now. Workers end with us, and nothing acknowledged is lost.
    if (ending) process.exit(1)
    ending = true
    for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) tell(worker, { kind: 'drain' })
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)

  const first = begin()
  const [outcome] = await Promise.race([once(first, 'listening').then(() => ['listens']), once(first, 'exit')])
  if (outcome !== 'listens') process.exit(ending ? 0 : Number(outcome ?? 1))
  await Promise.all([keep(first), ...Array.from({ length: config.workers - 1 }, () => (ending ? undefined : keep()))])
  process.exit(0)
}

/** A worker that is ending cannot be told anything, and needs not. */
function tell(worker: Worker, message: FromPrimary): void {
  // One that was killed counts as connected until we hear of it. Without somebody to tell that to, Node takes it for an
  // error of the worker's, which nobody expects: it would end us, and all workers with us.
  if (worker.isConnected()) worker.send(message, () => undefined)
}
