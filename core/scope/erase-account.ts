import { eq, getTableName, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { ChainHead } from '../audit/append-event.ts'
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
import { refuseLastAdmin } from './last-admin.ts'
import { recordEvent } from './profile.ts'
import type { Writing } from './write-rows.ts'

/**
 * Every table that holds rows of a user, those that may hold millions last, but children before what they refer to. A test
 * holds the list against the schema: a new table with a `user_id` that is not named here fails it.
 */
export const erasureList = [
  sessions,
  apiKeys,
  exports,
  runReservations,
  runAllowances,
  paymentEvents,
  subscriptions,
  billingAccounts,
  providerKeys,
  mailTokens,
  knownDevices,
  recoveryCodes,
  passkeys,
  secondFactors,
  idempotencyKeys,
  runTerms,
  runs,
] as const

export interface ErasedAccount {
  /** How many rows went, by table. */
  readonly rowsDeleted: Readonly<Record<string, number>>
  readonly deletedAt: number
  /** The last entry of the account's audit chain, which tells of its deletion. */
  readonly auditHead: ChainHead
}

/**
 * Removes the account and all that it owns, in the unit of work it is called in, which is a long one (see `Store.write`).
 * The audit chain stays: it holds ids alone, and the name that the payment service has for the user until it has forgotten
 * it too. Follow the commit with `Store.eraseTraces`. Throws NOT_FOUND when there is no such account, CONFLICT when it is
 * that of the last active administrator.
 */
export async function eraseAccount(writing: Writing): Promise<ErasedAccount> {
  const { db, userId, now } = writing
  await hold(writing)
  await refuseLastAdmin(db, userId)
  await rememberToForget(writing)
  const rowsDeleted: Record<string, number> = {}
  for (const table of erasureList) {
    const { changes } = await db.delete(table as SQLiteTable).where(eq(sql`user_id`, userId))
    rowsDeleted[getTableName(table)] = changes
  }
  const { changes } = await db.delete(users).where(eq(users.id, userId))
  if (changes === 0) throw new OortError('NOT_FOUND')
  rowsDeleted['users'] = changes
  const rows = Object.values(rowsDeleted).reduce((sum, count) => sum + count, 0)
  const auditHead = await recordEvent(writing, { type: 'user.deleted', rows })
  return { rowsDeleted, deletedAt: now, auditHead }
}

/**
 * Keeps others from adding rows of the account and from ending its runs meanwhile: one that did would be met at the end,
 * and all had to be done again. With the short tables of the list, which come first, that is all that anybody changes.
 */
async function hold({ db, userId }: Writing): Promise<void> {
  const { held } = db.$dialect
  if (held === undefined) return
  await db.all(sql`SELECT id FROM users WHERE id = ${userId} ${held}`)
  await db.all(sql`SELECT id FROM runs WHERE user_id = ${userId} AND state IN ('queued', 'streaming') ${held}`)
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
