import { insideOf, type Platform } from '../platform.ts'
import type { UserScope } from '../scope/user-scope.ts'
import {
  type LatencyRow,
  measureLatency,
  oldestOfNewest,
  sumUsage,
  type UsagePeriod,
  type UsageRow,
} from '../store/run-usage.ts'

/** Summing is synchronous in SQLite: more rows than these (some 50 ms) would hold everybody else up. */
const mostRuns = 50_000

export interface Usage {
  /** From when on runs were counted: later than asked for where there are more of them than are summed. */
  readonly from: number
  readonly series: readonly UsageRow[]
  readonly latency: readonly LatencyRow[]
}

/** What the user's runs of a period came to, over time and by model: the newest `mostRuns` of them. */
export async function readUsage(
  platform: Platform,
  { userId }: UserScope,
  asked: Omit<UsagePeriod, 'userId'>,
): Promise<Usage> {
  const { read } = insideOf(platform).store
  const whole = { ...asked, userId }
  const period = { ...whole, from: (await oldestOfNewest(read, whole, mostRuns)) ?? asked.from }
  const [series, latency] = await Promise.all([sumUsage(read, period), measureLatency(read, period)])
  return { from: period.from, series, latency }
}
