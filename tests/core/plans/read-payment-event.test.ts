import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { positionOf, readPaymentEvent, type SubscriptionEvent } from '../../../core/plans/read-payment-event.ts'
import { subscriptionStatuses } from '../../../core/plans/subscription-status.ts'

const item = { price: { id: 'price_plus' }, current_period_end: 1_800 }
const object = {
  id: 'sub_1',
  object: 'subscription',
  customer: 'cus_1',
  status: 'active',
  cancel_at: null,
  cancel_at_period_end: false,
  items: { object: 'list', data: [item] },
}

function event(change: object = {}, envelope: object = {}): string {
  const head = { id: 'evt_1', object: 'event', type: 'customer.subscription.updated', created: 1_000 }
  return JSON.stringify({ ...head, data: { object: { ...object, ...change } }, ...envelope })
}

function subscriptionEvent(change: object = {}, envelope: object = {}): SubscriptionEvent {
  const read = readPaymentEvent(event(change, envelope))
  if (read.kind !== 'subscription') throw new TypeError(read.kind)
  return read
}

describe('an event is read', () => {
  test('as a subscription of a customer, with times in milliseconds', () => {
    expect(subscriptionEvent()).toEqual({
      kind: 'subscription',
      id: 'evt_1',
      type: 'customer.subscription.updated',
      occurredAt: 1_000_000,
      customerId: 'cus_1',
      subscription: {
        stripeId: 'sub_1',
        status: 'active',
        priceIds: ['price_plus'],
        periodEndsAt: 1_800_000,
        endsAt: null,
      },
    })
  })

  test('in the shape of API versions up to 2025-02-24 too, whose period is the subscription’s', () => {
    const items = { data: [{ price: { id: 'price_plus' } }] }
    expect(subscriptionEvent({ items, current_period_end: 1_900 }).subscription.periodEndsAt).toBe(1_900_000)
  })

  test.each([
    ['when it is told', { cancel_at: 2_000 }, 2_000_000],
    ['with its period', { cancel_at_period_end: true }, 1_800_000],
  ])('with its end %s', (_what, change, endsAt) => {
    expect(subscriptionEvent(change).subscription.endsAt).toBe(endsAt)
  })

  test.each([
    ['a status that is new', { status: 'hibernating' }],
    ['no customer', { customer: null }],
    ['no items', { items: undefined }],
    ['a customer that is no id', { customer: "cus_1' or 1" }],
  ])('as unreadable with %s', (_what, change) => {
    expect(readPaymentEvent(event(change))).toMatchObject({ kind: 'unreadable', id: 'evt_1' })
  })

  test.each([
    ['a list', '[]'],
    ['a thin event', JSON.stringify({ id: 'evt_1', object: 'v2.core.event', type: 'x', created: '2026-01-01' })],
    ['no id', event({}, { id: '' })],
    ['no time', event({}, { created: -1 })],
  ])('not at all: %s', (_what, payload) => {
    expect(() => readPaymentEvent(payload)).toThrow(expect.objectContaining({ code: 'BODY_INVALID' }))
  })
})

describe('W1 of two events the one that holds is', () => {
  const created = { type: 'customer.subscription.created' }
  const later = { created: 1_001 }
  const renewed = { items: { data: [{ ...item, current_period_end: 9_800 }] } }
  test.each<[string, [object?, object?], [object?, object?]]>([
    ['the later', [{ status: 'past_due' }, {}], [{ status: 'active' }, later]],
    ['the later, whatever its digits', [{}, { created: 999, id: 'evt_9' }], [{}, { created: 1_000 }]],
    ['the end, even before a later one', [{ status: 'active' }, later], [{ status: 'canceled' }, {}]],
    [
      'within a second: not the beginning',
      [{ status: 'trialing' }, { ...created, id: 'evt_9' }],
      [{ status: 'incomplete' }],
    ],
    ['within a second: that of the later period', [{ status: 'past_due' }, { id: 'evt_9' }], [renewed]],
    [
      'within a second: further in a subscription’s life',
      [{ status: 'incomplete' }, { id: 'evt_9' }],
      [{ status: 'active' }],
    ],
    ['else that of the greater id', [{}, { id: 'evt_1' }], [{}, { id: 'evt_2' }]],
  ])('%s', (_what, first, second) => {
    expect(positionOf(subscriptionEvent(...second)) > positionOf(subscriptionEvent(...first))).toBe(true)
  })

  test('never undecided, since no two have one position', () => {
    const any = fc.record({
      id: fc.integer({ min: 0, max: 999 }).map((id) => `evt_${id}`),
      created: fc.integer({ min: 0, max: 99_999_999_999 }),
      status: fc.constantFrom(...subscriptionStatuses),
    })
    fc.assert(
      fc.property(any, any, (one, two) => {
        const [a, b] = [one, two].map(({ status, ...rest }) => positionOf(subscriptionEvent({ status }, rest)))
        expect(a === b).toBe(one.id === two.id && one.created === two.created && one.status === two.status)
      }),
    )
  })
})
