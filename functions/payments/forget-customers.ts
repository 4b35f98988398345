import Stripe from 'stripe'
import { minute, second } from '../../core/clock.ts'
import { hasCode } from '../../core/has-code.ts'
import { customersToForget, noteForgotten } from '../../core/plans/forgotten-customers.ts'
import type { Platform } from '../../core/platform.ts'
import type { Till } from './till.ts'

const interval = minute
const atOnce = 20
/** One try each: a stop waits for the one under way, and the next is a minute off. */
const patience = { timeout: 5 * second, maxNetworkRetries: 0 }

/**
 * Deletes at Stripe the customers whose account was deleted here, which ends their subscriptions at once. Tried again
 * until Stripe has done it; twice does no harm.
 * Source: https://docs.stripe.com/api/customers/delete
 */
export async function forgetCustomers(platform: Platform, { stripe }: Till): Promise<void> {
  for (const customerId of await customersToForget(platform, atOnce)) {
    try {
      await stripe.customers.del(customerId, {}, patience)
    } catch (error) {
      if (!isMissing(error)) {
        platform.log.warn({ err: error }, 'a customer could not be deleted at the payment service')
        if (error instanceof Stripe.errors.StripeConnectionError) return
        continue
      }
    }
    await noteForgotten(platform, customerId)
  }
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'resource_missing')
}

/** Forgets customers now and every minute, until `stop`, which waits for what is under way. */
export function keepForgetting(platform: Platform, till: Till): { stop(): Promise<void> } {
  let working: Promise<void> | undefined
  const work = (): void => {
    working ??= forgetCustomers(platform, till)
      .catch((error: unknown) => platform.log.error({ err: error }, 'customers could not be forgotten'))
      .finally(() => {
        working = undefined
      })
  }
  const timer = setInterval(work, interval).unref()
  work()
  return {
    async stop() {
      clearInterval(timer)
      await working
    },
  }
}
