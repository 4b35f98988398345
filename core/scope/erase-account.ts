import { eq, getTableName, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { OortError } from '../errors.ts'
import {
  apiKeys,
  billingAccounts,
  exports,
  forgottenCustomers,
  idempotencyKeys,
  knownDevices,
  mailTokens,
  passkeys,
  paymentEvents,
  providerKeys,
  recoveryCodes,
  runAllowances,
  runReservations,
  runs,
  runTerms,
  secondFactors,
  sessions,
  subscriptions,
  users,
} from '../store/schema.ts'
import { recordEvent } from './profile.ts'
import type { Writing } from './write-rows.ts'

/**
 * Every table that holds rows of a user, children first. A test holds the list against the schema: a new table with
 * a `user_id` that is not named here fails it.
 */
export const erasureList = [
  runTerms,
  runs,
  exports,
  idempotencyKeys,
  runReservations,
  runAllowances,
  paymentEvents,
  subscriptions,
  billingAccounts,
  apiKeys,
  providerKeys,
  mailTokens,
  knownDevices,
  recoveryCodes,
  passkeys,
  secondFactors,
  sessions,
] as const

/** How many rows went, by table. */
export type ErasureReceipt = Readonly<Record<string, number>>

/**
 * Removes the account and all that it owns, in the unit of work it is called in. The audit chain stays: it holds ids
 * alone, and the name that the payment service has for the user until it has forgotten it too. Follow the commit with
 * `Store.eraseTraces`. Throws NOT_FOUND when there is no such account.
 */
export async function eraseAccount(writing: Writing): Promise<ErasureReceipt> {
  const { db, userId } = writing
  await rememberToForget(writing)
  const receipt: Record<string, number> = {}
  for (const table of erasureList) {
    const { changes } = await db.delete(table as SQLiteTable).where(eq(sql`user_id`, userId))
    receipt[getTableName(table)] = changes
  }
  const { changes } = await db.delete(users).where(eq(users.id, userId))
  if (changes === 0) throw new OortError('NOT_FOUND')
  receipt['users'] = changes
  const rows = Object.values(receipt).reduce((sum, count) => sum + count, 0)
  await recordEvent(writing, { type: 'user.deleted', rows })
  return receipt
}

/** Whoever deletes an account must not go on paying for it: see core/plans/forgotten-customers.ts. */
async function rememberToForget({ db, userId, now }: Writing): Promise<void> {
  const customers = await db
    .select({ customerId: billingAccounts.customerId })
    .from(billingAccounts)
    .where(eq(billingAccounts.userId, userId))
  if (customers.length === 0) return
  await db.insert(forgottenCustomers).values(customers.map(({ customerId }) => ({ customerId, createdAt: now })))
}
