import Stripe from 'stripe'
import { second } from '../../core/clock.ts'
import type { Config } from '../../core/config.ts'
import { OortError } from '../../core/errors.ts'
import type { PaymentsConfig } from '../../core/plans/payments-config.ts'

/** Stripe as it is configured. */
export interface Till extends PaymentsConfig {
  readonly stripe: Stripe
}

/** The till, or PAYMENTS_DISABLED where no payments are taken. */
export type OpenTill = () => Till

/** Somebody waits in front of a button. Milliseconds for one try, of which there are two. */
const patience = 8 * second

/**
 * A client that speaks with the one configured origin and follows no redirect. It tells Stripe nothing but what it is
 * asked: no metrics, and of a user the id alone. No card data comes here: people type it on Stripe's own pages.
 */
export function createTill({ payments }: Config): OpenTill {
  if (payments === undefined) {
    return () => {
      throw new OortError('PAYMENTS_DISABLED')
    }
  }
  const { protocol, hostname, port } = new URL(payments.apiUrl)
  const stripe = new Stripe(payments.secretKey, {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port === '' ? {} : { port }),
    maxNetworkRetries: 1,
    timeout: patience,
    telemetry: false,
  })
  const till: Till = { ...payments, stripe }
  return () => till
}

/**
 * Asks Stripe, and answers PAYMENTS_UNAVAILABLE for whatever comes of it but an answer. Stripe's own message stays out
 * of it: it can quote parts of our key.
 */
export async function ask<T>(question: Promise<T>): Promise<T> {
  try {
    return await question
  } catch (error) {
    throw new OortError('PAYMENTS_UNAVAILABLE', { retryAfter: 10 }, error)
  }
}
