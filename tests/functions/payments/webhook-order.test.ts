import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minute, second } from '../../../core/clock.ts'
import { paymentEvents, subscriptions } from '../../../core/store/schema.ts'
import type { EmittedEvent } from '../../support/stripe-emulator/books.ts'
import { deliver, enrolCustomer, everyRow, openLab, type PaymentsLab, prices } from './lab.ts'

let lab: PaymentsLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

describe('W1 one event has one effect', () => {
  test.each([
    ['once', 1],
    ['twice', 2],
    ['50 times at once', 50],
  ])('when it is delivered %s', async (_what, times) => {
    const { scope, customerId } = await enrolCustomer(lab)
    const { id } = lab.stripe.books.subscribe(customerId, prices.plus)
    const event = lab.stripe.books.events.at(-1) as EmittedEvent
    const outcomes = await Promise.all(Array.from({ length: times }, () => deliver(lab, event)))
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(times - 1)

    const rows = await everyRow(lab)
    expect(rows.events.filter(({ stripeId }) => stripeId === event.id)).toHaveLength(1)
    expect(rows.subscriptions.filter(({ stripeId }) => stripeId === id)).toMatchObject([{ status: 'active' }])
    const audit = await scope.audit({ limit: 10 })
    expect(audit.map(({ action, actorKind }) => `${action} by ${actorKind}`)).toEqual([
      'subscription.changed by system',
      'payment.received by system',
      'billing.opened by user',
      'user.signed_up by user',
    ])
  })

  test('and none once more an hour later, signed anew', async () => {
    const { customerId } = await enrolCustomer(lab)
    lab.stripe.books.subscribe(customerId, prices.plus)
    const event = lab.stripe.books.events.at(-1) as EmittedEvent
    expect(await deliver(lab, event)).toBe('applied')
    const before = await everyRow(lab)
    lab.pass(60 * minute)
    expect(await deliver(lab, event)).toBe('repeated')
    expect(await everyRow(lab)).toEqual(before)
  })
})

type Story = (subscriptionId: string, customerId: string) => void

/** Lives of a subscription in five events each. `step` is the time between two, in milliseconds. */
const stories: Readonly<Record<string, { readonly step: number; readonly status: string; readonly tell: Story }>> = {
  'it is renewed, then cancelled': {
    step: 10 * second,
    status: 'canceled',
    tell(id) {
      lab.stripe.books.change(id, { periodEnd: 2_000_000_000 })
      lab.pass(10 * second)
      lab.stripe.books.change(id, { cancelAtPeriodEnd: true })
      lab.pass(10 * second)
      lab.stripe.books.cancel(id)
    },
  },
  'a payment is overdue, then goes through': {
    step: 10 * second,
    status: 'active',
    tell(id) {
      lab.stripe.books.change(id, { status: 'past_due' })
      lab.pass(10 * second)
      lab.stripe.books.change(id, { price: prices.pro })
      lab.pass(10 * second)
      lab.stripe.books.change(id, { status: 'active' })
    },
  },
  'all of it happens within one second': {
    step: 0,
    status: 'canceled',
    tell(id) {
      lab.stripe.books.change(id, { periodEnd: 2_000_000_000 })
      lab.stripe.books.change(id, { status: 'past_due' })
      lab.stripe.books.cancel(id)
    },
  },
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  )
}

interface Told {
  readonly id: string
  readonly events: readonly EmittedEvent[]
}

/** Five events of a fresh customer, in the order in which they happened. */
async function tell(name: string): Promise<Told> {
  const story = stories[name]
  const { customerId } = await enrolCustomer(lab)
  const from = lab.stripe.books.events.length
  const { id } = lab.stripe.books.subscribe(customerId, prices.plus)
  lab.pass(story?.step ?? 0)
  story?.tell(id, customerId)
  const events = lab.stripe.books.events.slice(from)
  expect(events).toHaveLength(5)
  return { id, events }
}

describe('W1 any order of five events ends in the same state', () => {
  test.each(Object.entries(stories))('when %s', async (name, { status }) => {
    const orders = permutations([0, 1, 2, 3, 4])
    expect(orders).toHaveLength(120)
    const told: ({ readonly order: readonly number[] } & Told)[] = []
    for (const order of orders) told.push({ order, ...(await tell(name)) })
    const ids = new Set(told.map(({ id }) => id))
    await Promise.all(
      told.map(async ({ order, events }) => {
        for (const at of order) await deliver(lab, events[at] as EmittedEvent)
      }),
    )
    const rows = (await everyRow(lab)).subscriptions.filter(({ stripeId }) => ids.has(stripeId))
    expect(rows).toHaveLength(120)
    // What a row says of the subscription; ids and absolute times differ from one customer to the next.
    const states = new Set(rows.map((row) => JSON.stringify([row.status, row.priceIds, row.endsAt !== null])))
    expect([...states]).toHaveLength(1)
    expect(new Set(rows.map((row) => row.status))).toEqual(new Set([status]))
  })

  test('when they come at once, each ten times', async () => {
    const { id, events } = await tell('it is renewed, then cancelled')
    await Promise.all(
      Array.from({ length: 10 }, () => events).flatMap((each) => each.map((event) => deliver(lab, event))),
    )
    const rows = await everyRow(lab)
    expect(rows.subscriptions.filter(({ stripeId }) => stripeId === id)).toMatchObject([{ status: 'canceled' }])
    const ids = new Set(events.map((event) => event.id))
    expect(rows.events.filter(({ stripeId }) => ids.has(stripeId))).toHaveLength(5)
  })

  test('also when the payment within the second of the beginning overtakes the beginning', async () => {
    // Ids are random: in some pairs the beginning has the greater one.
    for (let each = 0; each < 8; each += 1) {
      const { scope, customerId } = await enrolCustomer(lab)
      lab.stripe.books.subscribe(customerId, prices.plus)
      const [created, active] = lab.stripe.books.events.slice(-2) as [EmittedEvent, EmittedEvent]
      expect([await deliver(lab, active), await deliver(lab, created)]).toEqual(['applied', 'superseded'])
      expect(await scope.list(subscriptions, { limit: 2 })).toMatchObject([{ status: 'active' }])
    }
  })
})

test('W1 a subscription that has ended stays ended, even for an event that says it is later', async () => {
  const { scope, customerId } = await enrolCustomer(lab)
  const { id } = lab.stripe.books.subscribe(customerId, prices.plus)
  const canceled = lab.stripe.books.cancel(id)
  lab.pass(10 * second)
  const late = lab.stripe.books.change(id, { status: 'active' })
  expect([await deliver(lab, canceled), await deliver(lab, late)]).toEqual(['applied', 'superseded'])
  expect(await scope.list(subscriptions, { limit: 2 })).toMatchObject([{ status: 'canceled' }])
})

test('events about anything else are acknowledged and leave nothing', async () => {
  const { customerId } = await enrolCustomer(lab)
  const before = await everyRow(lab)
  for (const type of ['invoice.paid', 'charge.refunded', 'customer.updated', 'checkout.session.completed']) {
    const event = {
      id: `evt_${type.replaceAll('.', '')}`,
      object: 'event',
      type,
      created: 1,
      data: { object: { customer: customerId } },
    }
    expect(await deliver(lab, { payload: JSON.stringify(event) })).toBe('ignored')
  }
  expect(await everyRow(lab)).toEqual(before)
})

test('W1 the payload is kept sealed, and opens for its owner alone', async () => {
  const { scope, customerId } = await enrolCustomer(lab)
  lab.stripe.books.subscribe(customerId, prices.plus)
  const event = lab.stripe.books.events.at(-1) as EmittedEvent
  await deliver(lab, event)
  const [kept] = await scope.list(paymentEvents, { limit: 1, open: ['payload'] })
  expect(kept?.payload).toBe(event.payload)
  const [row] = (await everyRow(lab)).events.filter(({ stripeId }) => stripeId === event.id)
  expect(row?.payloadCiphertext.includes(Buffer.from('customer'))).toBe(false)
})
