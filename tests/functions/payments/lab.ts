import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import Stripe from 'stripe'
import { enrolAccount } from '../../../core/accounts/enrol-account.ts'
import type { UserId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import {
  auditEvents,
  billingAccounts,
  parkedEvents,
  paymentEvents,
  subscriptions,
  users,
} from '../../../core/store/schema.ts'
import type { Browser, ReadAnswer } from '../../support/browser.ts'
import { startOort, type TestOort } from '../../support/oort.ts'
import type { EmittedEvent } from '../../support/stripe-emulator/books.ts'
import { type StripeEmulator, startStripeEmulator } from '../../support/stripe-emulator/stripe-emulator.ts'

export const prices = { plus: 'price_plusMonthly', pro: 'price_proMonthly' } as const
export const secrets = {
  key: `sk_test_${randomBytes(24).toString('hex')}`,
  webhook: `whsec_${randomBytes(24).toString('hex')}`,
  previous: `whsec_${randomBytes(24).toString('hex')}`,
} as const

export interface PaymentsLab extends AsyncDisposable {
  readonly oort: TestOort
  readonly stripe: StripeEmulator
  /** Moves the clocks of Oort and of Stripe. Milliseconds. */
  pass(duration: number): void
  /** Stops both clocks. */
  hold(): void
}

export function paymentsEnv(apiUrl: string): Record<string, string> {
  return {
    STRIPE_SECRET_KEY: secrets.key,
    STRIPE_WEBHOOK_SECRET: secrets.webhook,
    STRIPE_WEBHOOK_SECRET_PREVIOUS: secrets.previous,
    STRIPE_API_URL: apiUrl,
    STRIPE_PRICE_PLUS: prices.plus,
    STRIPE_PRICE_PRO: prices.pro,
  }
}

/** Oort in front of an emulated Stripe. */
export async function openLab(env: Readonly<Record<string, string>> = {}): Promise<PaymentsLab> {
  let moved = 0
  let held: number | undefined
  const clock = () => (held ?? Date.now()) + moved
  const stripe = await startStripeEmulator({ secretKey: secrets.key, prices: Object.values(prices), clock })
  const oort = await startOort({ clock, env: { ...paymentsEnv(stripe.origin), ...env } })
  return {
    oort,
    stripe,
    pass(duration) {
      moved += duration
    },
    hold() {
      held = Date.now()
    },
    async [Symbol.asyncDispose]() {
      await oort.close()
      await stripe.close()
    },
  }
}

const signer = new Stripe(secrets.key)

export interface Signing {
  readonly secret?: string
  /** Seconds from now. */
  readonly shift?: number
  /** Milliseconds since the epoch. */
  readonly now?: number
}

/** The header Stripe-Signature, made by Stripe's own SDK. */
export function sign(payload: string, { secret = secrets.webhook, shift = 0, now = Date.now() }: Signing = {}): string {
  const timestamp = Math.floor(now / 1_000) + shift
  return signer.webhooks.generateTestHeaderString({ payload, secret, timestamp })
}

/** Posts bytes to the webhook as Stripe does: no cookie, no origin. */
export async function post(origin: string, payload: string | Buffer, signature?: string): Promise<ReadAnswer> {
  const answer = await fetch(`${origin}/webhooks/payments`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      ...(signature === undefined ? {} : { 'stripe-signature': signature }),
    },
    body: payload,
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: <T>() => JSON.parse(text) as T }
}

/** Delivers a signed event; answers what became of it. */
export async function deliver(
  { oort }: Pick<PaymentsLab, 'oort'>,
  { payload }: Pick<EmittedEvent, 'payload'>,
): Promise<string> {
  const answer = await post(oort.origin, payload, sign(payload, { now: oort.platform.clock() }))
  if (answer.status !== 200) throw new Error(`the webhook answered ${answer.status}: ${answer.text}`)
  return answer.json<{ outcome: string }>().outcome
}

let people = 0

/** A user without a browser, who is a customer of Stripe. */
export async function enrolCustomer({
  oort,
  stripe,
}: Pick<PaymentsLab, 'oort' | 'stripe'>): Promise<{ scope: UserScope; customerId: string }> {
  people += 1
  const account = { email: `customer-${people}@example.com`, passwordHash: 'none', emailVerifiedAt: 0 }
  const scope = await enrolAccount(oort.platform, account, 'req_test')
  const { id: customerId } = stripe.books.createCustomer({}) as { id: string }
  await scope.write((tx) => tx.insert(billingAccounts, { customerId }, { type: 'billing.opened' }))
  return { scope, customerId }
}

/** Buys a plan: checkout, payment on Stripe's page. The events are not delivered. */
export async function buy({ stripe }: PaymentsLab, user: Browser, plan: keyof typeof prices) {
  const answer = await user.post('/api/payments/checkout', { plan })
  if (answer.status !== 201) throw new Error(`checkout answered ${answer.status}: ${answer.text}`)
  return stripe.books.pay(answer.json<{ url: string }>().url.split('/').at(-1) ?? '')
}

export interface Standing {
  readonly plan: string
  readonly limits: Readonly<Record<'runsPerMonth' | 'apiKeys' | 'concurrentRuns', number | null>>
  readonly used: { readonly runs: number; readonly runsUnderWay: number; readonly apiKeys: number }
  readonly subscription: { readonly status: string; readonly endsAt: number | null } | null
  readonly forSale: readonly string[]
}

export async function standingOf(user: Browser): Promise<Standing> {
  return (await user.get('/api/payments/subscription')).json<Standing>()
}

export async function userIdOf(user: Browser): Promise<UserId> {
  return (await user.get('/api/auth/me')).json<{ id: UserId }>().id
}

/** Every row that payments can have written, and the audit log. */
export async function everyRow({ oort }: Pick<PaymentsLab, 'oort'>) {
  const { read } = insideOf(oort.platform).store
  return {
    events: await read.select().from(paymentEvents),
    parked: await read.select().from(parkedEvents),
    subscriptions: await read.select().from(subscriptions),
    audit: await read.select().from(auditEvents),
  }
}

/** A browser of a user who is an administrator. */
export async function administrator({ oort }: PaymentsLab): Promise<Browser> {
  const admin = await oort.signedIn()
  const id = await userIdOf(admin)
  await insideOf(oort.platform).store.write(async (db) => {
    await db.update(users).set({ role: 'admin' }).where(eq(users.id, id))
  })
  return admin
}
