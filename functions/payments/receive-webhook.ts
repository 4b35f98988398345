import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { receivePaymentEvent } from '../../core/plans/receive-payment-event.ts'
import type { Platform } from '../../core/platform.ts'
import { refuseUnsigned } from './refuse-unsigned.ts'
import type { OpenTill } from './till.ts'

/** Stripe shortens the lists within an event: the largest of subscriptions have some 30 KiB. */
const largestEvent = 256 * 1024

/**
 * Stripe's door. An answer of 200 says that the event and its effect are on disk, or that it is parked for review;
 * after anything else Stripe delivers it again, for three days.
 * Errors: PAYMENTS_DISABLED, SIGNATURE_REFUSED, BODY_INVALID, STORE_UNAVAILABLE.
 */
export function receiveWebhook(platform: Platform, openTill: OpenTill): Operation {
  return operation({
    method: 'POST',
    url: '/webhooks/payments',
    access: 'public',
    summary: 'Take an event from Stripe',
    bodyLimit: largestEvent,
    proveOrigin: (sent) => refuseUnsigned(openTill(), platform.clock(), sent),
    schema: {
      response: { 200: z.object({ outcome: z.enum(['applied', 'superseded', 'repeated', 'parked', 'ignored']) }) },
    },
    async handle({ id, rawBody }, reply) {
      const outcome = await receivePaymentEvent(platform, rawBody.toString('utf8'), id)
      if (outcome === 'parked') platform.log.warn({ requestId: id }, 'a payment event waits for review')
      return reply(200, { outcome })
    },
  })
}
