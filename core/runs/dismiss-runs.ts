import { and, eq, inArray } from 'drizzle-orm'
import { insideOf, type Platform } from '../platform.ts'
import { users } from '../store/schema.ts'
import { liveRunsOf } from './live-runs.ts'

/**
 * Ends the runs under way in this process whose account was suspended or deleted since they began. Whoever does that
 * ends them at once in its own process; this is for the others. While no run is under way it asks nothing.
 */
export async function dismissRuns(platform: Platform): Promise<void> {
  const live = liveRunsOf(platform)
  const owners = live.owners()
  if (owners.length === 0) return
  const found = await insideOf(platform)
    .store.read.select({ id: users.id })
    .from(users)
    .where(and(inArray(users.id, [...owners]), eq(users.status, 'active')))
  const active = new Set(found.map(({ id }) => id))
  await Promise.all(owners.filter((owner) => !active.has(owner)).map((owner) => live.abortAllOf(owner)))
}
