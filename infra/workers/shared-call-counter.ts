import type { CallCounter } from '../../core/http/call-counter.ts'
import type { CountRequest, FromPrimary } from './messages.ts'

/** The part of `process` that a worker talks to its primary by. */
export interface PrimaryLink {
  send?(message: CountRequest): boolean
  on(event: 'message', listener: (message: FromPrimary) => void): unknown
}

/**
 * Keeps count at the primary, where the calls of all workers meet: a limit is one limit, whichever worker a connection
 * comes to. A worker whose primary is gone ends (see Node's cluster), so a question never waits for nobody.
 */
export function sharedCallCounter(primary: PrimaryLink): CallCounter {
  const asked = new Map<number, (wait: number) => void>()
  let n = 0
  primary.on('message', (message) => {
    if (message.kind !== 'counted') return
    asked.get(message.n)?.(message.wait)
    asked.delete(message.n)
  })
  return {
    count(limit, caller) {
      n += 1
      const { promise, resolve } = Promise.withResolvers<number>()
      asked.set(n, resolve)
      // Only what is counted by goes over: a limit may carry more than its interface names.
      const { name, calls, perSeconds } = limit
      primary.send?.({ kind: 'count', n, limit: { name, calls, perSeconds }, caller })
      return promise
    },
  }
}
