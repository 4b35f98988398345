import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { forgetCustomers } from '../../../functions/payments/forget-customers.ts'
import { createTill } from '../../../functions/payments/till.ts'
import { password, startOort } from '../../support/oort.ts'
import {
  buy,
  deliver,
  everyRow,
  openLab,
  type PaymentsLab,
  paymentsEnv,
  prices,
  secrets,
  standingOf,
  userIdOf,
} from './lab.ts'

let lab: PaymentsLab
beforeAll(async () => {
  lab = await openLab()
})
afterEach(() => {
  lab.stripe.requests.length = 0
})
afterAll(() => lab[Symbol.asyncDispose]())

const codeOf = async (asked: Promise<{ status: number; text: string }>): Promise<string> => {
  const { status, text } = await asked
  return `${status} ${(JSON.parse(text) as { code?: string }).code ?? ''}`.trim()
}

describe('buying a plan', () => {
  test('goes to Stripe’s page and takes effect when Stripe tells of it, not before', async () => {
    const user = await lab.oort.signedIn()
    expect(await standingOf(user)).toMatchObject({ plan: 'free', subscription: null, forSale: ['plus', 'pro'] })
    const { events } = await buy(lab, user, 'plus')
    expect(await standingOf(user)).toMatchObject({ plan: 'free', subscription: null })
    for (const event of events) await deliver(lab, event)
    expect(await standingOf(user)).toMatchObject({
      plan: 'plus',
      limits: { runsPerMonth: 5_000, apiKeys: 10, concurrentRuns: 16 },
      subscription: { status: 'active', endsAt: null },
    })
  })

  test('tells Stripe the price, two pages of ours and the user’s id; no address, no metrics', async () => {
    const user = await lab.oort.signedIn()
    await buy(lab, user, 'pro')
    const [customer, session] = lab.stripe.requests
    expect(customer?.path).toBe('/v1/customers')
    expect(Object.fromEntries(new URLSearchParams(customer?.body))).toEqual({
      'metadata[oort_user]': await userIdOf(user),
    })
    expect(Object.fromEntries(new URLSearchParams(session?.body))).toEqual({
      mode: 'subscription',
      customer: expect.stringMatching(/^cus_/),
      'line_items[0][price]': prices.pro,
      'line_items[0][quantity]': '1',
      success_url: 'https://oort.test/billing?checkout=done',
      cancel_url: 'https://oort.test/billing?checkout=left',
    })
    for (const { headers } of lab.stripe.requests) expect(headers['x-stripe-client-telemetry']).toBeUndefined()
  })

  test('ten requests at once make one customer', async () => {
    const user = await lab.oort.signedIn()
    const before = lab.stripe.books.customers.size
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => user.post('/api/payments/checkout', { plan: 'plus' })),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(lab.stripe.books.customers.size).toBe(before + 1)
  })

  test('I1 a repetition with its Idempotency-Key answers the same page', async () => {
    const user = await lab.oort.signedIn()
    const once = () => user.post('/api/payments/checkout', { plan: 'plus' }, { 'idempotency-key': 'a-purchase' })
    const [first, again] = [await once(), await once()]
    expect(again.text).toBe(first.text)
    expect(lab.stripe.requests.filter(({ path }) => path === '/v1/checkout/sessions')).toHaveLength(1)
  })

  test('is refused to whoever has a subscription, and open again when it has ended', async () => {
    const user = await lab.oort.signedIn()
    const { subscription, events } = await buy(lab, user, 'plus')
    for (const event of events) await deliver(lab, event)
    for (const status of ['active', 'past_due', 'unpaid', 'paused']) {
      lab.pass(2_000)
      await deliver(lab, lab.stripe.books.change(subscription.id, { status }))
      expect(await codeOf(user.post('/api/payments/checkout', { plan: 'pro' }))).toBe('409 CONFLICT')
    }
    await deliver(lab, lab.stripe.books.cancel(subscription.id))
    expect(await codeOf(user.post('/api/payments/checkout', { plan: 'pro' }))).toBe('201')
  })

  test('Z3 takes a plan and nothing else', async () => {
    const user = await lab.oort.signedIn()
    for (const body of [
      {},
      { plan: 'free' },
      { plan: 'unlimited' },
      { plan: 'plus', price: prices.pro },
      { price: prices.plus },
    ]) {
      expect(await codeOf(user.post('/api/payments/checkout', body))).toBe('400 BODY_INVALID')
    }
    expect(lab.stripe.requests).toEqual([])
  })
})

describe('what a subscription is worth', () => {
  test.each([
    ['trialing', 'plus'],
    ['active', 'plus'],
    ['past_due', 'plus'],
    ['incomplete', 'free'],
    ['unpaid', 'free'],
    ['paused', 'free'],
    ['incomplete_expired', 'free'],
    ['canceled', 'free'],
  ])('%s: %s', async (status, plan) => {
    const user = await lab.oort.signedIn()
    const { subscription, events } = await buy(lab, user, 'plus')
    await deliver(lab, events[0] ?? { payload: '' })
    lab.pass(2_000)
    await deliver(lab, lab.stripe.books.change(subscription.id, { status }))
    expect(await standingOf(user)).toMatchObject({ plan, subscription: { status } })
  })

  test('the best plan of all that are paid for; nothing for a price that sells no plan', async () => {
    const user = await lab.oort.signedIn()
    const { subscription, events } = await buy(lab, user, 'plus')
    for (const event of events) await deliver(lab, event)
    const more = lab.stripe.books.subscribe(subscription.customer, prices.pro)
    await deliver(lab, lab.stripe.books.change(more.id, {}))
    expect((await standingOf(user)).plan).toBe('pro')
    lab.pass(2_000)
    await deliver(lab, lab.stripe.books.change(more.id, { price: 'price_somethingElse' }))
    expect((await standingOf(user)).plan).toBe('plus')
  })

  test('one that will end says when, and holds until then', async () => {
    const user = await lab.oort.signedIn()
    const { subscription, events } = await buy(lab, user, 'plus')
    for (const event of events) await deliver(lab, event)
    lab.pass(2_000)
    await deliver(lab, lab.stripe.books.change(subscription.id, { cancelAtPeriodEnd: true }))
    const endsAt = subscription.periodEnd * 1_000
    expect(await standingOf(user)).toMatchObject({ plan: 'plus', subscription: { status: 'active', endsAt } })
  })
})

describe('the billing portal', () => {
  test('opens for a customer, and for nobody else', async () => {
    const user = await lab.oort.signedIn()
    expect(await codeOf(user.post('/api/payments/portal'))).toBe('409 CONFLICT')
    const { subscription } = await buy(lab, user, 'plus')
    const answer = await user.post('/api/payments/portal')
    expect(answer.json<{ url: string }>().url).toMatch(/^https:\/\/billing\.stripe\.example\//)
    expect(Object.fromEntries(new URLSearchParams(lab.stripe.requests.at(-1)?.body))).toEqual({
      customer: subscription.customer,
      return_url: 'https://oort.test/billing',
    })
  })
})

describe('when Stripe fails', () => {
  test.each([
    ['hangs up, twice', ['hangup', 'hangup']],
    ['answers with an error, twice', ['server-error', 'server-error']],
    ['limits us', ['rate-limit']],
    ['redirects', ['redirect']],
    ['answers something else', ['not-json']],
  ] as const)('it %s, the buyer is told so and nothing is written', async (_what, mishaps) => {
    const user = await lab.oort.signedIn()
    const before = await everyRow(lab)
    lab.stripe.script(...mishaps)
    expect(await codeOf(user.post('/api/payments/checkout', { plan: 'plus' }))).toBe('502 PAYMENTS_UNAVAILABLE')
    expect(await everyRow(lab)).toEqual(before)
    expect(lab.stripe.requests).toHaveLength(mishaps.length)
  })

  test('a customer whose making was answered into the void is not made twice', async () => {
    const user = await lab.oort.signedIn()
    const before = lab.stripe.books.customers.size
    lab.stripe.script('hangup-after')
    expect(await codeOf(user.post('/api/payments/checkout', { plan: 'plus' }))).toBe('201')
    expect(lab.stripe.books.customers.size).toBe(before + 1)
  })

  test('D3 it repeats our key in its refusal, and the key reaches neither answer nor log', async () => {
    const key = `sk_test_${'W'.repeat(30)}9xYz`
    const oort = await startOort({
      env: { ...paymentsEnv(lab.stripe.origin), STRIPE_SECRET_KEY: key, OORT_LOG_LEVEL: 'trace' },
    })
    const user = await oort.signedIn()
    const answer = await user.post('/api/payments/checkout', { plan: 'plus' })
    expect(answer.status).toBe(502)
    for (const text of [answer.text, oort.log()])
      for (const part of ['sk_test_', '9xYz', secrets.key]) expect(text).not.toContain(part)
    expect(oort.log()).toContain('PAYMENTS_UNAVAILABLE')
    await oort.close()
  })
})

describe('D1 deleting an account', () => {
  test('ends what is paid for it, forgets the customer at Stripe, and takes Stripe’s last words for nobody’s', async () => {
    const user = await lab.oort.signedIn()
    const { subscription, events } = await buy(lab, user, 'plus')
    for (const event of events) await deliver(lab, event)
    const deleted = await user.send('DELETE', '/api/auth/account', { body: { password } })
    expect(deleted.json<{ rowsDeleted: Record<string, number> }>().rowsDeleted).toMatchObject({
      billing_accounts: 1,
      subscriptions: 1,
      payment_events: 2,
    })
    const till = createTill(lab.oort.platform.config)()
    lab.stripe.script('hangup', 'hangup')
    await forgetCustomers(lab.oort.platform, till)
    expect(lab.stripe.books.customers.get(subscription.customer)?.deleted).toBe(false)

    await forgetCustomers(lab.oort.platform, till)
    expect(lab.stripe.books.customers.get(subscription.customer)?.deleted).toBe(true)
    expect(lab.stripe.books.subscriptions.get(subscription.id)?.status).toBe('canceled')

    const before = await everyRow(lab)
    expect(lab.stripe.books.events.at(-1)?.type).toBe('customer.subscription.deleted')
    expect(await deliver(lab, lab.stripe.books.events.at(-1) ?? { payload: '' })).toBe('ignored')
    expect(await everyRow(lab)).toEqual(before)
    const asked = lab.stripe.requests.length
    await forgetCustomers(lab.oort.platform, till)
    expect(lab.stripe.requests).toHaveLength(asked)
  })

  test('is done at Stripe by itself: at a start, and for a customer who is gone there already', async () => {
    const user = await lab.oort.signedIn()
    const { subscription } = await buy(lab, user, 'plus')
    lab.stripe.books.deleteCustomer(subscription.customer)
    await user.send('DELETE', '/api/auth/account', { body: { password } })
    lab.stripe.requests.length = 0
    const payments = lab.oort.capabilities.find(({ name }) => name === 'payments')
    await payments?.start?.()
    await payments?.stop?.()
    expect(lab.stripe.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `DELETE /v1/customers/${subscription.customer}`,
    ])
    await payments?.start?.()
    await payments?.stop?.()
    expect(lab.stripe.requests).toHaveLength(1)
  })
})

describe('an Oort without payments', () => {
  test('limits nobody and sells nothing', async () => {
    const oort = await startOort()
    const user = await oort.signedIn()
    expect(await standingOf(user)).toEqual({
      plan: 'unlimited',
      limits: { runsPerMonth: null, apiKeys: null, concurrentRuns: null },
      used: { runs: 0, runsUnderWay: 0, apiKeys: 0 },
      subscription: null,
      forSale: [],
    })
    for (const path of ['/api/payments/checkout', '/api/payments/portal']) {
      expect(await codeOf(user.post(path, path.endsWith('checkout') ? { plan: 'plus' } : undefined))).toBe(
        '404 PAYMENTS_DISABLED',
      )
    }
    await oort.close()
  })
})

test('a subscription is nobody’s but its owner’s to see', async () => {
  const [owner, other] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
  const { events } = await buy(lab, owner, 'pro')
  for (const event of events) await deliver(lab, event)
  expect((await standingOf(owner)).plan).toBe('pro')
  expect((await standingOf(other)).plan).toBe('free')
  expect((await lab.oort.browser().get('/api/payments/subscription')).status).toBe(401)
})
