import { eq } from 'drizzle-orm'
import type { UserId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { billingAccounts, forgottenCustomers, paymentEvents } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { applyPaymentEvent, type Outcome } from './apply-payment-event.ts'
import { park } from './park-event.ts'
import { readPaymentEvent } from './read-payment-event.ts'

/** `ignored`: not about a subscription, or about that of a deleted account. Nothing was written. */
export type Receipt = Outcome | 'repeated' | 'parked' | 'ignored'

/**
 * Takes an event whose signature has been checked. When this resolves, the event and its effect are on disk, or it is
 * in the inbox for review; when it rejects, nothing is, and the sender tries again. Any number of deliveries, at once
 * or one after the other, in any order, has one effect.
 *
 * Stands in the user's audit chain as the system's doing. Throws BODY_INVALID, STORE_UNAVAILABLE.
 */
export async function receivePaymentEvent(platform: Platform, payload: string, requestId: string): Promise<Receipt> {
  const event = readPaymentEvent(payload)
  if (event.kind === 'ignored') return 'ignored'
  const { store, keyring, clock } = insideOf(platform)
  return store.write(async (db) => {
    const now = clock()
    if (await isKnown(db, event.id)) return 'repeated'
    if (event.kind === 'unreadable') return park({ db, keyring, now }, event, 'unreadable', payload)
    const userId = await userOf(db, event.customerId)
    if (userId === undefined) {
      if (await isForgotten(db, event.customerId)) return 'ignored'
      return park({ db, keyring, now }, event, 'unknown_customer', payload)
    }
    const actor = { kind: 'system', id: platform.instanceId, requestId } as const
    return applyPaymentEvent({ db, keyring, userId, actor, now }, event, payload)
  })
}

/** The user who is this customer. */
export async function userOf(db: Db, customerId: string): Promise<UserId | undefined> {
  const { userId } = billingAccounts
  const [account] = await db.select({ userId }).from(billingAccounts).where(eq(billingAccounts.customerId, customerId))
  return account?.userId
}

async function isKnown(db: Db, stripeId: string): Promise<boolean> {
  const { id } = paymentEvents
  const [row] = await db.select({ id }).from(paymentEvents).where(eq(paymentEvents.stripeId, stripeId))
  return row !== undefined
}

async function isForgotten(db: Db, customerId: string): Promise<boolean> {
  const [row] = await db.select().from(forgottenCustomers).where(eq(forgottenCustomers.customerId, customerId))
  return row !== undefined
}
