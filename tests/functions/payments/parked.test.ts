import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { day, second } from '../../../core/clock.ts'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { createUserScope } from '../../../core/scope/user-scope.ts'
import { billingAccounts } from '../../../core/store/schema.ts'
import type { Browser } from '../../support/browser.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import type { EmittedEvent } from '../../support/stripe-emulator/books.ts'
import { administrator, deliver, everyRow, openLab, type PaymentsLab, prices, standingOf, userIdOf } from './lab.ts'

let lab: PaymentsLab
let admin: Browser
beforeAll(async () => {
  lab = await openLab()
  admin = await administrator(lab)
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Parked {
  readonly id: string
  readonly stripeId: string
  readonly reason: string
  readonly customerId: string | null
}

async function inbox(query = ''): Promise<Parked[]> {
  return (await admin.get(`/api/admin/payments/parked${query}`)).json<{ events: Parked[] }>().events
}

/** Somebody whom Stripe knows and Oort does not: made by hand in Stripe's dashboard, or lost with a restored backup. */
function stranger(): { readonly customerId: string; readonly id: string; readonly events: readonly EmittedEvent[] } {
  const { id: customerId } = lab.stripe.books.createCustomer({}) as { id: string }
  const from = lab.stripe.books.events.length
  const { id } = lab.stripe.books.subscribe(customerId, prices.pro)
  return { customerId, id, events: lab.stripe.books.events.slice(from) }
}

async function parked(event: EmittedEvent | undefined): Promise<Parked> {
  if (event === undefined) throw new RangeError('no event')
  expect(await deliver(lab, event)).toBe('parked')
  const found = (await inbox()).find(({ stripeId }) => stripeId === event.id)
  if (found === undefined) throw new RangeError('the event is not in the inbox')
  return found
}

function replay(eventId: string, body: unknown = {}, by: Browser = admin) {
  return by.post(`/api/admin/payments/parked/${eventId}/replay`, body)
}

describe('W2 an event of an unknown customer', () => {
  test('is parked for review, once, sealed, and changes no account', async () => {
    const { customerId, events } = stranger()
    const [, active] = events as [EmittedEvent, EmittedEvent]
    const before = await everyRow(lab)
    expect(await parked(active)).toMatchObject({ customerId, reason: 'unknown_customer' })
    expect(await deliver(lab, active)).toBe('repeated')
    const after = await everyRow(lab)
    expect({ ...after, parked: [] }).toEqual({ ...before, parked: [] })
    expect(after.parked.filter(({ stripeId }) => stripeId === active.id)).toHaveLength(1)
    expect(createByteSearch([active.payload.slice(200, 260)])(await bytesIn(lab.oort.dataDir)).size).toBe(0)
  })

  test('is applied for the user whom an administrator names, and stands in that user’s audit log', async () => {
    const user = await lab.oort.signedIn()
    const userId = await userIdOf(user)
    const { events } = stranger()
    const { id, stripeId } = await parked(events[1])
    const nobody = await replay(id)
    expect([nobody.status, nobody.json()['code']]).toEqual([409, 'CONFLICT'])

    const answer = await replay(id, { userId })
    expect([answer.status, answer.json()]).toEqual([200, { outcome: 'applied' }])
    expect(await standingOf(user)).toMatchObject({ plan: 'pro', subscription: { status: 'active' } })
    expect((await inbox()).map((each) => each.stripeId)).not.toContain(stripeId)
    const { entries } = (await user.get('/api/auth/audit?limit=3')).json<{
      entries: { action: string; actorKind: string }[]
    }>()
    expect(entries.map(({ action, actorKind }) => `${action} by ${actorKind}`)).toEqual([
      'subscription.changed by admin',
      'payment.received by admin',
      'billing.linked by admin',
    ])

    // A second click, and Stripe's own repetition.
    expect((await replay(id, { userId })).status).toBe(404)
    expect(await deliver(lab, events[1] as EmittedEvent)).toBe('repeated')
  })

  test('replayed after a later event came through does not undo it', async () => {
    const user = await lab.oort.signedIn()
    const { id: subscriptionId, events } = stranger()
    const [first, later] = [await parked(events[0]), await parked(events[1])]
    await replay(first.id, { userId: await userIdOf(user) })
    lab.pass(10 * second)
    expect(await deliver(lab, lab.stripe.books.cancel(subscriptionId))).toBe('applied')
    expect((await replay(later.id)).json()).toEqual({ outcome: 'superseded' })
    expect(await standingOf(user)).toMatchObject({ plan: 'free', subscription: { status: 'canceled' } })
  })

  test('is applied by Stripe’s own repetition once the customer is known', async () => {
    const user = await lab.oort.signedIn()
    const { events } = stranger()
    const [first] = [await parked(events[0]), await parked(events[1])]
    await replay(first.id, { userId: await userIdOf(user) })
    expect(await deliver(lab, events[1] as EmittedEvent)).toBe('applied')
    expect(await standingOf(user)).toMatchObject({ plan: 'pro' })
    expect((await inbox()).map(({ stripeId }) => stripeId)).not.toContain(events[1]?.id)
  })

  test('goes to nobody else than the customer, and to one customer alone', async () => {
    const [one, two] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
    const [first, other] = [stranger(), stranger()]
    const [created, active] = [await parked(first.events[0]), await parked(first.events[1])]
    const foreign = await parked(other.events[1])
    const userId = await userIdOf(one)
    await replay(created.id, { userId })
    for (const [event, body] of [
      [active, { userId: await userIdOf(two) }],
      [foreign, { userId }],
    ] as const) {
      const answer = await replay(event.id, body)
      expect([answer.status, answer.json()['code']]).toEqual([409, 'CONFLICT'])
    }
    expect((await replay(foreign.id, { userId: newId('user') })).status).toBe(404)
    expect((await standingOf(two)).plan).toBe('free')
    expect(await inbox()).toEqual(expect.arrayContaining([active, foreign]))
  })

  test('five clicks at once apply it once', async () => {
    const user = await lab.oort.signedIn()
    const userId = await userIdOf(user)
    const { events } = stranger()
    const { id } = await parked(events[1])
    const answers = await Promise.all(Array.from({ length: 5 }, () => replay(id, { userId })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404])
  })
})

test('W2 a subscription in a shape that is new to us is parked, not lost', async () => {
  const { events } = stranger()
  const event = JSON.parse(events[1]?.payload ?? '') as { id: string; data: { object: { status: string } } }
  event.data.object.status = 'hibernating'
  const payload = JSON.stringify(event)
  const { id, reason, customerId } = await parked({ id: event.id, type: '', payload })
  expect([reason, customerId]).toEqual(['unreadable', null])
  const answer = await replay(id, { userId: await userIdOf(await lab.oort.signedIn()) })
  expect([answer.status, answer.json()['code']]).toEqual([409, 'CONFLICT'])
  expect((await inbox()).map((each) => each.id)).toContain(id)
})

test('Z1 Z2 the inbox is for administrators alone', async () => {
  const { events } = stranger()
  const { id } = await parked(events[0])
  const user = await lab.oort.signedIn()
  const body = { userId: await userIdOf(user) }
  expect((await user.get('/api/admin/payments/parked')).status).toBe(403)
  expect((await replay(id, body, user)).status).toBe(403)
  expect((await replay(id, body, lab.oort.browser())).status).toBe(401)
  expect(await inbox()).toEqual(expect.arrayContaining([expect.objectContaining({ id })]))
})

test('the inbox is read page by page, newest first, and keeps an event for 90 days', async () => {
  for (let each = 0; each < 3; each += 1) await parked(stranger().events[0])
  const all = await inbox('?limit=100')
  const first = (await admin.get('/api/admin/payments/parked?limit=2')).json<{ events: Parked[]; nextCursor: string }>()
  const rest = await inbox(`?limit=100&cursor=${first.nextCursor}`)
  expect([...first.events, ...rest]).toEqual(all)
  expect(all.map(({ id }) => id)).toEqual(
    all
      .map(({ id }) => id)
      .sort()
      .reverse(),
  )

  lab.pass(90 * day + second)
  const later = await administrator(lab)
  expect(await deliver(lab, stranger().events[0] as EmittedEvent)).toBe('parked')
  expect((await later.get('/api/admin/payments/parked')).json<{ events: Parked[] }>().events).toHaveLength(1)
})

test('a customer belongs to one user, whatever the code above does', async () => {
  const { id: customerId } = lab.stripe.books.createCustomer({}) as { id: string }
  const write = async () => {
    const userId = await userIdOf(await lab.oort.signedIn())
    const scope = createUserScope(insideOf(lab.oort.platform), userId, {
      kind: 'user',
      id: userId,
      requestId: 'req_test',
    })
    await scope.write((tx) => tx.insert(billingAccounts, { customerId }, { type: 'billing.opened' }))
  }
  await write()
  await expect(write()).rejects.toMatchObject({ code: 'CONFLICT' })
})
