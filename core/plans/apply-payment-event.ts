import { eq } from 'drizzle-orm'
import { listRows } from '../scope/read-rows.ts'
import { insertRow, updateRow, type Writing } from '../scope/write-rows.ts'
import { parkedEvents, paymentEvents, subscriptions } from '../store/schema.ts'
import { positionOf, type SubscriptionEvent } from './read-payment-event.ts'

/** Whether the event changed the subscription, or a later one had been there before it. */
export type Outcome = 'applied' | 'superseded'

/**
 * Writes an event down and lets it take effect, in the unit of work it is called in: both or neither. The customer is
 * the user of `writing`, and the event must not have been written down before. An event that had been parked leaves
 * the inbox.
 */
export async function applyPaymentEvent(writing: Writing, event: SubscriptionEvent, payload: string): Promise<Outcome> {
  const { stripeId, status, ...facts } = event.subscription
  const position = positionOf(event)
  const [known] = await listRows(writing, subscriptions, { where: { stripeId }, limit: 1 })
  const outcome = known === undefined || position > known.position ? 'applied' : 'superseded'
  const { id, type, occurredAt } = event
  const received = { stripeId: id, type, occurredAt, outcome, payload } as const
  await insertRow(writing, paymentEvents, received, { type: 'payment.received', outcome })
  if (outcome === 'applied') {
    const changed = { type: 'subscription.changed', status } as const
    const patch = { status, ...facts, position, updatedAt: writing.now }
    if (known === undefined) await insertRow(writing, subscriptions, { stripeId, ...patch }, changed)
    else await updateRow(writing, subscriptions, known.id, patch, changed)
  }
  await writing.db.delete(parkedEvents).where(eq(parkedEvents.stripeId, id))
  return outcome
}
