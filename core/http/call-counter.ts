import { type Clock, second } from '../clock.ts'

export interface Limit {
  /** Names what is counted: limits of different names do not touch. */
  readonly name: string
  readonly calls: number
  readonly perSeconds: number
}

/** Keeps count of calls against limits. */
export interface CallCounter {
  /**
   * Counts one call of `caller` (an address, a user's id, a hash: never what a person typed). The time starts with the
   * caller's first call. Answers 0 when the call is within the limit, and else how long to wait, in seconds.
   */
  count(limit: Limit, caller: string): number | Promise<number>
}

interface Count {
  calls: number
  readonly until: number
}

/** Callers counted at once for each limit, about 20 MB. Beyond it the count that ends first is forgotten. */
const mostCallers = 100_000

/** Counts in this process's memory, which is bounded: whoever sends from ever new addresses does not fill it. */
export function createCallCounter(clock: Clock): CallCounter {
  const limits = new Map<string, Map<string, Count>>()
  return {
    count({ name, calls, perSeconds }, caller) {
      const now = clock()
      const callers = limits.get(name) ?? new Map<string, Count>()
      limits.set(name, callers)
      // All counts of a limit last equally long, so the map's order of insertion is the order in which they end.
      for (const [oldest, { until }] of callers) {
        if (until > now && callers.size < mostCallers) break
        callers.delete(oldest)
      }
      const known = callers.get(caller)
      const count = known ?? { calls: 0, until: now + perSeconds * second }
      if (known === undefined) callers.set(caller, count)
      if (count.calls >= calls) return Math.max(1, Math.ceil((count.until - now) / second))
      count.calls += 1
      return 0
    },
  }
}
