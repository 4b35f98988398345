import { type PaidPlan, paidPlans } from './plans.ts'

export interface PaymentsConfig {
  readonly secretKey: string
  /** What Stripe signs events with: the secret and, while it is being replaced, the one before. */
  readonly webhookSecrets: readonly string[]
  /** The one origin to which the secret key may go. */
  readonly apiUrl: string
  /** The id of the price that sells each plan. A plan without one is not for sale. */
  readonly prices: Readonly<Partial<Record<PaidPlan, string>>>
}

export interface PaymentsEnvironment {
  readonly STRIPE_SECRET_KEY?: string | undefined
  readonly STRIPE_WEBHOOK_SECRET?: string | undefined
  readonly STRIPE_WEBHOOK_SECRET_PREVIOUS?: string | undefined
  readonly STRIPE_API_URL: string
  readonly STRIPE_PRICE_PLUS?: string | undefined
  readonly STRIPE_PRICE_PRO?: string | undefined
}

/** Sources: https://docs.stripe.com/keys, https://docs.stripe.com/webhooks/signature */
const shapes = {
  STRIPE_SECRET_KEY: /^[rs]k_(?:live|test)_\w{16,}$/,
  STRIPE_WEBHOOK_SECRET: /^whsec_[\w+/=-]{16,}$/,
  STRIPE_WEBHOOK_SECRET_PREVIOUS: /^whsec_[\w+/=-]{16,}$/,
  STRIPE_PRICE_PLUS: /^price_\w+$/,
  STRIPE_PRICE_PRO: /^price_\w+$/,
} as const

type Name = keyof typeof shapes

const priceNames = { plus: 'STRIPE_PRICE_PLUS', pro: 'STRIPE_PRICE_PRO' } as const satisfies Record<PaidPlan, Name>

/**
 * Payments as they are configured, or undefined where nothing is: then nobody is limited. A configuration that is
 * there in part is a mistake, since it would limit people who cannot pay: each problem goes to `report`, which names
 * variables and no value.
 */
export function readPaymentsConfig(
  values: PaymentsEnvironment,
  production: boolean,
  report: (problem: string) => void,
): PaymentsConfig | undefined {
  const names = Object.keys(shapes) as Name[]
  const given = names.filter((name) => values[name] !== undefined)
  if (given.length === 0) return undefined
  for (const name of given) if (!shapes[name].test(values[name] ?? '')) report(`${name} does not look like one`)
  for (const name of ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'] as const) {
    if (values[name] === undefined) report(`${name} is not set, but ${given[0]} is`)
  }
  if (production && !values.STRIPE_API_URL.startsWith('https://')) report('STRIPE_API_URL must use https in production')

  const prices: Partial<Record<PaidPlan, string>> = {}
  for (const plan of paidPlans) {
    const price = values[priceNames[plan]]
    if (price === undefined) continue
    if (Object.values(prices).includes(price)) report(`${priceNames[plan]} is the price of another plan too`)
    prices[plan] = price
  }
  if (Object.keys(prices).length === 0) report('STRIPE_PRICE_PLUS or STRIPE_PRICE_PRO must be set for payments')

  const { STRIPE_WEBHOOK_SECRET: secret = '', STRIPE_WEBHOOK_SECRET_PREVIOUS: previous } = values
  return {
    secretKey: values.STRIPE_SECRET_KEY ?? '',
    webhookSecrets: previous === undefined ? [secret] : [secret, previous],
    apiUrl: values.STRIPE_API_URL,
    prices,
  }
}
