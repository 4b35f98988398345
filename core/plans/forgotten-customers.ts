import { and, asc, eq, isNull, lt } from 'drizzle-orm'
import { day } from '../clock.ts'
import { insideOf, type Platform } from '../platform.ts'
import { forgottenCustomers } from '../store/schema.ts'

/** The payment service repeats an event for three days; after a month nothing about the customer is under way. */
const keptFor = 30 * day

/** Customers whose account was deleted here and who are still known to the payment service, the oldest first. */
export async function customersToForget(platform: Platform, limit: number): Promise<string[]> {
  const rows = await insideOf(platform)
    .store.read.select({ customerId: forgottenCustomers.customerId })
    .from(forgottenCustomers)
    .where(isNull(forgottenCustomers.forgottenAt))
    .orderBy(asc(forgottenCustomers.createdAt))
    .limit(limit)
  return rows.map(({ customerId }) => customerId)
}

/**
 * Notes that the payment service has forgotten a customer. The id is kept for a month, so that the service's last
 * events about the customer are not taken for those of a stranger.
 */
export async function noteForgotten(platform: Platform, customerId: string): Promise<void> {
  const { store, clock } = insideOf(platform)
  await store.write(async (db) => {
    const now = clock()
    await db
      .update(forgottenCustomers)
      .set({ forgottenAt: now })
      .where(and(eq(forgottenCustomers.customerId, customerId), isNull(forgottenCustomers.forgottenAt)))
    await db.delete(forgottenCustomers).where(lt(forgottenCustomers.forgottenAt, now - keptFor))
  })
}
