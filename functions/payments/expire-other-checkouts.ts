import { ask, type Till } from './till.ts'

/** The most of one page. Each purchase leaves one that is open. */
const mostOpen = 100

/**
 * Closes every page of Stripe's on which this customer could still pay, but that of `sessionId`. Two requests that close
 * the same one at once have both closed it, by Stripe's idempotency. PAYMENTS_UNAVAILABLE for one that was paid for in
 * between.
 * Source: https://docs.stripe.com/api/checkout/sessions/expire
 */
export async function expireOtherCheckouts({ stripe }: Till, customer: string, sessionId: string): Promise<void> {
  const { sessions } = stripe.checkout
  const { data } = await ask(sessions.list({ customer, status: 'open', limit: mostOpen }))
  for (const { id } of data) {
    if (id !== sessionId) await ask(sessions.expire(id, {}, { idempotencyKey: `oort-expire-${id}` }))
  }
}
