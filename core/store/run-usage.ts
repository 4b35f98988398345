import { and, eq, gte, lt, sql } from 'drizzle-orm'
import type { UserId } from '../ids.ts'
import type { Provider } from '../providers/provider.ts'
import { runs } from './schema.ts'
import type { Db } from './store.ts'

export interface UsagePeriod {
  readonly userId: UserId
  /** Milliseconds since the epoch: the first that counts, and the first that no longer does. */
  readonly from: number
  readonly to: number
  /** The length of a bucket, and what is added to a time before it is put into one. Milliseconds. */
  readonly bucket: number
  readonly offset: number
}

/** What the runs of one model in one bucket came to. */
export interface UsageRow {
  /** The start of the bucket. */
  readonly at: number
  readonly provider: Provider
  readonly model: string
  readonly runs: number
  readonly succeeded: number
  readonly failed: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Runs of models without a known price count as nothing. */
  readonly costMicroUsd: number
}

/** How long one model took. Milliseconds; null where no run has the figure. */
export interface LatencyRow {
  readonly provider: Provider
  readonly model: string
  readonly runs: number
  readonly firstByteP50: number | null
  readonly firstByteP95: number | null
  readonly totalP50: number | null
  readonly totalP95: number | null
}

const inPeriod = ({ userId, from, to }: UsagePeriod) =>
  and(eq(runs.userId, userId), gte(runs.createdAt, from), lt(runs.createdAt, to))

const total = (of: unknown) => sql<number>`coalesce(sum(${of}), 0)`

/** Sums by bucket and model, oldest first. Reads the index `runs_usage` alone. */
export function sumUsage(db: Db, period: UsagePeriod): Promise<UsageRow[]> {
  const { bucket, offset } = period
  // JavaScript's numbers arrive as REAL, whose division does not round down.
  const length = sql`CAST(${bucket} AS INTEGER)`
  const ahead = sql`CAST(${offset} AS INTEGER)`
  const at = sql<number>`(${runs.createdAt} + ${ahead}) / ${length} * ${length} - ${ahead}`
  return db
    .select({
      at,
      provider: runs.provider,
      model: runs.model,
      runs: sql<number>`count(*)`,
      succeeded: total(sql`CASE WHEN ${runs.state} = 'succeeded' THEN 1 ELSE 0 END`),
      failed: total(sql`CASE WHEN ${runs.state} = 'failed' THEN 1 ELSE 0 END`),
      inputTokens: total(runs.inputTokens),
      outputTokens: total(runs.outputTokens),
      costMicroUsd: total(runs.costMicroUsd),
    })
    .from(runs)
    .where(inPeriod(period))
    .groupBy(sql`1`, runs.provider, runs.model)
    .orderBy(sql`1`, runs.provider, runs.model)
}

/** Percentiles by model over the whole period, of runs whose answer began. Percentiles of buckets cannot be added up. */
export function measureLatency(db: Db, period: UsagePeriod): Promise<LatencyRow[]> {
  const { percentile } = db.$dialect
  const firstByte = sql`${runs.firstByteAt} - ${runs.createdAt}`
  const whole = sql`CASE WHEN ${runs.state} = 'succeeded' THEN ${runs.finishedAt} - ${runs.createdAt} END`
  return db
    .select({
      provider: runs.provider,
      model: runs.model,
      runs: sql<number>`count(*)`,
      firstByteP50: percentile(firstByte, 50),
      firstByteP95: percentile(firstByte, 95),
      totalP50: percentile(whole, 50),
      totalP95: percentile(whole, 95),
    })
    .from(runs)
    .where(and(inPeriod(period), sql`${runs.firstByteAt} IS NOT NULL`))
    .groupBy(runs.provider, runs.model)
    .orderBy(runs.provider, runs.model)
}

/** When the `most`-th newest run of the period was made, or undefined where there are fewer. */
export async function oldestOfNewest(db: Db, period: UsagePeriod, most: number): Promise<number | undefined> {
  const [row] = await db
    .select({ createdAt: runs.createdAt })
    .from(runs)
    .where(inPeriod(period))
    .orderBy(sql`${runs.createdAt} DESC`)
    .limit(1)
    .offset(most - 1)
  return row?.createdAt
}
