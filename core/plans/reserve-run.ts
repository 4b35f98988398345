import { and, count, eq, lt, sql } from 'drizzle-orm'
import { hour } from '../clock.ts'
import type { Config } from '../config.ts'
import { OortError } from '../errors.ts'
import type { RunId, UserId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { insideOfTransaction } from '../scope/inside-transaction.ts'
import type { UserTransaction } from '../scope/user-scope.ts'
import { runAllowances, runReservations } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { entitlementsOf } from './entitlements.ts'

/** No run takes as long: a reservation this old is one whose end was lost. */
const longestRun = hour

/**
 * Takes one run out of the user's plan, before it is known whether it will count. Call it in the transaction that
 * writes the run down; a run that is not admitted is then not there either. However many requests arrive at once,
 * what is under way and what has counted never exceed the plan: each reservation sees those before it.
 *
 * Throws PLAN_LIMIT_REACHED when the month's runs are used up (runs under way count as used), CONCURRENCY_REACHED when
 * too many are under way.
 */
export async function reserveRun(config: Config, tx: UserTransaction, runId: RunId): Promise<void> {
  const { runsPerMonth, concurrentRuns } = await entitlementsOf(config, tx)
  if (runsPerMonth === null || concurrentRuns === null) return
  const { db, userId, now } = insideOfTransaction(tx)
  await releaseLost(db, userId, now)
  const month = monthOf(now)
  const { counted, underWay, reserved } = await usage(db, userId, month)
  if (counted + reserved >= runsPerMonth) {
    throw new OortError('PLAN_LIMIT_REACHED', { detail: `Your plan has ${runsPerMonth} runs a month.` })
  }
  if (underWay >= concurrentRuns) {
    const detail = `Your plan has ${concurrentRuns} runs at once.`
    throw new OortError('CONCURRENCY_REACHED', { detail, retryAfter: 1 })
  }
  await db.insert(runReservations).values({ runId, userId, month, createdAt: now })
}

/**
 * Ends a reservation: the run counts in the month in which it began, or leaves no trace. Call it in the transaction
 * that writes the run's final state; a second call, or one for a run that was never reserved, does nothing.
 * A run counts when its provider began to answer.
 */
export async function settleReservation(
  { payments }: Config,
  tx: UserTransaction,
  runId: RunId,
  counts: boolean,
): Promise<void> {
  if (payments === undefined) return
  const { db, userId } = insideOfTransaction(tx)
  const [reservation] = await db
    .delete(runReservations)
    .where(and(eq(runReservations.runId, runId), eq(runReservations.userId, userId)))
    .returning({ month: runReservations.month })
  if (reservation === undefined || !counts) return
  await db
    .insert(runAllowances)
    .values({ userId, month: reservation.month, runs: 1 })
    .onConflictDoUpdate({
      target: [runAllowances.userId, runAllowances.month],
      set: { runs: sql`${runAllowances.runs} + 1` },
    })
}

export interface RunUsage {
  /** Runs of this calendar month (UTC) that counted. */
  readonly counted: number
  readonly underWay: number
}

/** What the user has used of the month's runs. */
export async function runUsageOf(platform: Platform, userId: UserId): Promise<RunUsage> {
  const { store, clock } = insideOf(platform)
  const { counted, underWay } = await usage(store.read, userId, monthOf(clock()))
  return { counted, underWay }
}

/** The calendar month of a time, in UTC: `2026-11`. */
export function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7)
}

async function releaseLost(db: Db, userId: UserId, now: number): Promise<void> {
  await db
    .delete(runReservations)
    .where(and(eq(runReservations.userId, userId), lt(runReservations.createdAt, now - longestRun)))
}

/** `reserved` are those of the month; `underWay` may have begun in the month before. */
async function usage(db: Db, userId: UserId, month: string): Promise<RunUsage & { readonly reserved: number }> {
  const [allowance] = await db
    .select({ runs: runAllowances.runs })
    .from(runAllowances)
    .where(and(eq(runAllowances.userId, userId), eq(runAllowances.month, month)))
  const [open] = await db
    .select({
      all: count(),
      ofMonth: sql<number>`coalesce(sum(CASE WHEN ${runReservations.month} = ${month} THEN 1 ELSE 0 END), 0)`,
    })
    .from(runReservations)
    .where(eq(runReservations.userId, userId))
  return { counted: allowance?.runs ?? 0, underWay: open?.all ?? 0, reserved: open?.ofMonth ?? 0 }
}
