import * as z from 'zod'
import { second } from '../clock.ts'
import { OortError } from '../errors.ts'
import { hasEnded, type SubscriptionStatus, subscriptionStatuses } from './subscription-status.ts'

/** What an event says of a subscription: all of it, not only what changed. Times are milliseconds since the epoch. */
export interface SubscriptionFacts {
  readonly stripeId: string
  readonly status: SubscriptionStatus
  readonly priceIds: readonly string[]
  readonly periodEndsAt: number | null
  readonly endsAt: number | null
}

interface Envelope {
  /** Stripe's id: `evt_…`. */
  readonly id: string
  readonly type: string
  readonly occurredAt: number
}

export interface SubscriptionEvent extends Envelope {
  readonly kind: 'subscription'
  readonly customerId: string
  readonly subscription: SubscriptionFacts
}

/** An event of another type is not for us; one about a subscription whose shape is new to us must not be lost. */
export type PaymentEvent =
  | SubscriptionEvent
  | (Envelope & { readonly kind: 'unreadable' })
  | (Envelope & { readonly kind: 'ignored' })

const timestamp = z.int().nonnegative()
const stripeId = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_\\w{1,250}$`))

const envelope = z.object({
  id: stripeId('evt'),
  object: z.literal('event'),
  type: z.string().max(200),
  created: timestamp,
  data: z.object({ object: z.unknown() }),
})

/** Up to API version 2025-02-24 the period stands in the subscription, since then in each of its items. */
const subscription = z.object({
  id: stripeId('sub'),
  object: z.literal('subscription'),
  customer: stripeId('cus'),
  status: z.enum(subscriptionStatuses),
  cancel_at: timestamp.nullish(),
  cancel_at_period_end: z.boolean().optional(),
  current_period_end: timestamp.nullish(),
  items: z.object({
    data: z
      .array(z.object({ price: z.object({ id: z.string().max(255) }), current_period_end: timestamp.nullish() }))
      .max(100),
  }),
})

/**
 * Reads a snapshot event whose signature has been checked. Throws BODY_INVALID for what is no event at all.
 * Source: https://docs.stripe.com/api/events/object
 */
export function readPaymentEvent(payload: string): PaymentEvent {
  const event = envelope.safeParse(JSON.parse(payload))
  if (!event.success) throw new OortError('BODY_INVALID', { detail: 'This is no snapshot event.' })
  const { id, type, created, data } = event.data
  const head: Envelope = { id, type, occurredAt: created * second }
  if (!type.startsWith('customer.subscription.')) return { ...head, kind: 'ignored' }
  const found = subscription.safeParse(data.object)
  if (!found.success) return { ...head, kind: 'unreadable' }
  return { ...head, kind: 'subscription', customerId: found.data.customer, subscription: factsOf(found.data) }
}

function factsOf(found: z.output<typeof subscription>): SubscriptionFacts {
  const { id, status, items, cancel_at: cancelAt, cancel_at_period_end: atPeriodEnd } = found
  const ends = [found, ...items.data].flatMap(({ current_period_end: end }) => (typeof end === 'number' ? [end] : []))
  const periodEnd = ends.length === 0 ? null : Math.max(...ends)
  const end = cancelAt ?? (atPeriodEnd === true ? periodEnd : null)
  return {
    stripeId: id,
    status,
    priceIds: items.data.map(({ price }) => price.id),
    periodEndsAt: periodEnd === null ? null : periodEnd * second,
    endsAt: end === null ? null : end * second,
  }
}

const digits = (value: number): string => String(value).padStart(16, '0')

/**
 * Where an event stands among all events about its subscription, as text that sorts. Stripe delivers in any order, and
 * the state is what the event with the highest position says, so that every order ends in the same state.
 *
 * The end of a subscription is final. Before it, the later event holds; Stripe's times are whole seconds, so of two
 * within one second the first is the subscription's creation, then the one with the earlier period, then the one that
 * is earlier in a subscription's life. The event's id settles what is left.
 */
export function positionOf({
  id,
  type,
  occurredAt,
  subscription: { status, periodEndsAt },
}: SubscriptionEvent): string {
  const ended = hasEnded(status) ? 1 : 0
  const later = type === 'customer.subscription.created' ? 0 : 1
  const life = subscriptionStatuses.indexOf(status)
  return [ended, digits(occurredAt), later, digits(periodEndsAt ?? 0), life, id].join('/')
}
