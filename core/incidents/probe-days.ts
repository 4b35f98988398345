import { gte, lt, sql } from 'drizzle-orm'
import { day } from '../clock.ts'
import { probeDays } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import type { Finding } from './pulse.ts'
import type { Component, ComponentState } from './terms.ts'

/** Days that are kept and shown, today included. */
export const keptDays = 90

/** How the probes of one component went on one day (UTC): how many found what, and what the newest found. */
export interface DayTally extends Readonly<Record<ComponentState, number>> {
  readonly component: Component
  /** Such as `2026-11-24`. */
  readonly day: string
  readonly lastState: ComponentState
  readonly lastProbeAt: number
  readonly since: number
}

/** The UTC date of a time. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** The kept days up to that of `now`, oldest first. */
export function daysUpTo(now: number): readonly string[] {
  return Array.from({ length: keptDays }, (_, ago) => dayOf(now - (keptDays - 1 - ago) * day))
}

/** Adds a finding to the tallies that wait to be written, by component and day. */
export function tally(waiting: Map<string, DayTally>, { component, state, since, probedAt }: Finding): void {
  const today = dayOf(probedAt)
  const key = `${component} ${today}`
  const counts = waiting.get(key) ?? { operational: 0, degraded: 0, failed: 0 }
  waiting.set(key, {
    ...counts,
    [state]: counts[state] + 1,
    component,
    day: today,
    lastState: state,
    lastProbeAt: probedAt,
    since,
  })
}

/** Adds tallies to what is stored of their days, and lets go of days that are too old. `db` is the writing side. */
export async function storeTallies(db: Db, tallies: readonly DayTally[], now: number): Promise<void> {
  for (const each of tallies) {
    await db
      .insert(probeDays)
      .values(each)
      .onConflictDoUpdate({
        target: [probeDays.component, probeDays.day],
        set: {
          operational: sql`${probeDays.operational} + excluded.operational`,
          degraded: sql`${probeDays.degraded} + excluded.degraded`,
          failed: sql`${probeDays.failed} + excluded.failed`,
          lastState: sql`excluded.last_state`,
          lastProbeAt: sql`excluded.last_probe_at`,
          since: sql`excluded.since`,
        },
      })
  }
  await db.delete(probeDays).where(lt(probeDays.day, dayOf(now - (keptDays - 1) * day)))
}

/** The stored days from `from` on, oldest first. */
export async function readDays(db: Db, from: string): Promise<DayTally[]> {
  return db.select().from(probeDays).where(gte(probeDays.day, from)).orderBy(probeDays.day)
}

/** What the newest probe of each component found, as far as these days tell. They are oldest first. */
export function findingsIn(days: readonly DayTally[]): Finding[] {
  const newest = new Map(days.map((each) => [each.component, each]))
  return [...newest.values()].map(({ component, lastState: state, since, lastProbeAt: probedAt }) => {
    return { component, state, since, probedAt }
  })
}
