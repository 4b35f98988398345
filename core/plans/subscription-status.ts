/** Source: https://docs.stripe.com/api/subscriptions/object#subscription_object-status; in the order of a life. */
export const subscriptionStatuses = [
  'incomplete',
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'paused',
  'incomplete_expired',
  'canceled',
] as const

export type SubscriptionStatus = (typeof subscriptionStatuses)[number]

/** Ended: Stripe never takes a subscription out of these states. */
export function hasEnded(status: SubscriptionStatus): boolean {
  return status === 'canceled' || status === 'incomplete_expired'
}

/** Pays for its plan. With a payment overdue it does for as long as Stripe tries again to collect it. */
export function isEntitling(status: SubscriptionStatus): boolean {
  return status === 'trialing' || status === 'active' || status === 'past_due'
}
