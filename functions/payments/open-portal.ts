import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { billingAccounts } from '../../core/store/schema.ts'
import { ask, type OpenTill } from './till.ts'

/**
 * Answers the address of Stripe's page where a customer changes or cancels the subscription and finds the invoices.
 * The address lets in whoever has it, for some minutes: it is shown to the user and kept nowhere.
 * Errors: PAYMENTS_DISABLED, CONFLICT for somebody who never bought anything, PAYMENTS_UNAVAILABLE.
 */
export function openPortal({ config }: Platform, openTill: OpenTill): Operation {
  return operation({
    method: 'POST',
    url: '/api/payments/portal',
    access: 'session',
    summary: 'Open the billing portal',
    schema: { response: { 201: z.object({ url: z.string() }) } },
    async handle({ scope }, reply) {
      const { stripe } = openTill()
      const [account] = await scope.list(billingAccounts, { limit: 1 })
      if (account === undefined) throw new OortError('CONFLICT', { detail: 'You have bought nothing yet.' })
      const { customerId: customer } = account
      const { url } = await ask(
        stripe.billingPortal.sessions.create({ customer, return_url: `${config.publicUrl}/billing` }),
      )
      return reply(201, { url })
    },
  })
}
