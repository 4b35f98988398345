import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { paidPlans } from '../../core/plans/plans.ts'
import type { Platform } from '../../core/platform.ts'
import { customerOf } from './customer-of.ts'
import { expireOtherCheckouts } from './expire-other-checkouts.ts'
import { refuseSubscribed, refuseSubscribedCustomer } from './refuse-subscribed.ts'
import { ask, type OpenTill } from './till.ts'

/**
 * Begins the purchase of a plan: answers the address of Stripe's own page for it. Nothing changes here until Stripe
 * tells of the subscription. Who has a subscription changes its plan in the billing portal: a second one would be paid
 * for as well. So of all pages that were answered the last alone can be paid on; of several asked for at once it is one
 * at most, and where it is none the buyer begins anew.
 * Errors: PAYMENTS_DISABLED, PLAN_NOT_SOLD, CONFLICT, PAYMENTS_UNAVAILABLE.
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
      const { id, url } = await ask(
        till.stripe.checkout.sessions.create({
          mode: 'subscription',
          customer,
          line_items: [{ price, quantity: 1 }],
          success_url: `${page}?checkout=done`,
          cancel_url: `${page}?checkout=left`,
        }),
      )
      // In this order: of two that are begun at once the later finds the other, and whoever was quick enough to pay on
      // an earlier page has a subscription by then.
      await expireOtherCheckouts(till, customer, id)
      await refuseSubscribedCustomer(till, customer)
      if (url === null) throw new OortError('PAYMENTS_UNAVAILABLE')
      return reply(201, { url })
    },
  })
}
