import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { paidPlans } from '../../core/plans/plans.ts'
import { hasEnded } from '../../core/plans/subscription-status.ts'
import type { Platform } from '../../core/platform.ts'
import type { ScopedReads } from '../../core/scope/user-scope.ts'
import { subscriptions } from '../../core/store/schema.ts'
import { customerOf } from './customer-of.ts'
import { ask, type OpenTill } from './till.ts'

/**
 * Begins the purchase of a plan: answers the address of Stripe's own page for it. Nothing changes here until Stripe
 * tells of the subscription. Who has a subscription changes its plan in the billing portal: a second one would be paid
 * for as well. Errors: PAYMENTS_DISABLED, PLAN_NOT_SOLD, CONFLICT, PAYMENTS_UNAVAILABLE.
 */
export function createCheckout({ config }: Platform, openTill: OpenTill): Operation {
  return operation({
    method: 'POST',
    url: '/api/payments/checkout',
    access: 'session',
    summary: 'Begin the purchase of a plan',
    idempotent: true,
    schema: {
      body: z.strictObject({ plan: z.enum(paidPlans) }),
      response: { 201: z.object({ url: z.string() }) },
    },
    async handle({ scope, body: { plan } }, reply) {
      const till = openTill()
      const price = till.prices[plan]
      if (price === undefined) throw new OortError('PLAN_NOT_SOLD')
      await refuseSubscribed(scope)
      const customer = await customerOf(till, scope)
      const page = `${config.publicUrl}/billing`
      const { url } = await ask(
        till.stripe.checkout.sessions.create({
          mode: 'subscription',
          customer,
          line_items: [{ price, quantity: 1 }],
          success_url: `${page}?checkout=done`,
          cancel_url: `${page}?checkout=left`,
        }),
      )
      if (url === null) throw new OortError('PAYMENTS_UNAVAILABLE')
      return reply(201, { url })
    },
  })
}

async function refuseSubscribed(scope: ScopedReads): Promise<void> {
  const rows = await scope.list(subscriptions, { limit: 100 })
  // One that is incomplete waits for a first payment that may never come, and a new purchase may take its place.
  if (rows.every(({ status }) => hasEnded(status) || status === 'incomplete')) return
  throw new OortError('CONFLICT', { detail: 'You have a subscription: change it in the billing portal.' })
}
