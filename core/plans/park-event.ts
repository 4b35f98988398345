import { eq, lt } from 'drizzle-orm'
import { day } from '../clock.ts'
import { contextOf } from '../crypto/context-of.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { newId } from '../ids.ts'
import { parkedEvents } from '../store/schema.ts'
import { packSealed } from '../store/sealed-row.ts'
import type { Db } from '../store/store.ts'
import type { PaymentEvent } from './read-payment-event.ts'

/** Stripe itself shows an event for 30 days: whoever has not looked by now does not miss it. */
const keptFor = 90 * day

/** Puts an event into the inbox, once; one that is there already stays as it is. Lets go of those that are too old. */
export async function park(
  { db, keyring, now }: { readonly db: Db; readonly keyring: Keyring; readonly now: number },
  event: PaymentEvent,
  reason: 'unknown_customer' | 'unreadable',
  payload: string,
): Promise<'parked' | 'repeated'> {
  const { id: stripeId, type, occurredAt } = event
  await db.delete(parkedEvents).where(lt(parkedEvents.createdAt, now - keptFor))
  const [known] = await db.select({ id: parkedEvents.id }).from(parkedEvents).where(eq(parkedEvents.stripeId, stripeId))
  if (known !== undefined) return 'repeated'
  const id = newId('parkedEvent')
  const customerId = event.kind === 'subscription' ? event.customerId : null
  const sealed = packSealed('payload', keyring.seal(payload, contextOf('parked_events', 'payload', { id })))
  await db
    .insert(parkedEvents)
    .values({ id, stripeId, type, reason, customerId, ...sealed, occurredAt, createdAt: now })
  return 'parked'
}
