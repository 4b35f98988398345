import { sql } from 'drizzle-orm'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { users } from '../store/schema.ts'
import type { Db } from '../store/store.ts'

/** The words stand in the statement itself: bound ones would keep the index of administrators from being used. */
const isActiveAdmin = sql`${users.role} = 'admin' AND ${users.status} = 'active'`

/**
 * Throws CONFLICT when nobody but this account is an active administrator: without one nobody could make another. Call
 * it in the unit of work that takes the account or its role away.
 */
export async function refuseLastAdmin(db: Db, userId: UserId): Promise<void> {
  const [one, another] = await db.select({ id: users.id }).from(users).where(isActiveAdmin).limit(2)
  if (one?.id !== userId || another !== undefined) return
  throw new OortError('CONFLICT', { detail: 'This is the last administrator.' })
}
