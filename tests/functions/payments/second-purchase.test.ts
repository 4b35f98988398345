import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from '../../support/browser.ts'
import { buy, deliver, openLab, type PaymentsLab, prices } from './lab.ts'

let lab: PaymentsLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

/** Asks for the page of a plan; answers its session at Stripe, or the code of a refusal. */
async function pageFor(user: Browser, plan: keyof typeof prices): Promise<string> {
  const { status, json } = await user.post('/api/payments/checkout', { plan })
  const { url, code } = json<{ url?: string; code?: string }>()
  return url?.split('/').at(-1) ?? `${status} ${code}`
}

/** The sessions that their customer can still pay on, of those that were answered. */
const payable = (answered: readonly string[]) =>
  answered.filter((id) => lab.stripe.books.sessions.get(id)?.status === 'open')

describe('a second subscription is not to be bought', () => {
  test('on the page of a purchase that was left for another', async () => {
    const user = await lab.oort.signedIn()
    const left = await pageFor(user, 'plus')
    const taken = await pageFor(user, 'pro')
    expect(payable([left, taken])).toEqual([taken])
    expect(() => lab.stripe.books.pay(left)).toThrow('No such checkout.session')
    const { subscription } = lab.stripe.books.pay(taken)
    expect(subscription).toMatchObject({ price: prices.pro, status: 'active' })
  })

  test('on any other page, when ten are asked for at once', async () => {
    const user = await lab.oort.signedIn()
    await pageFor(user, 'plus')
    const asked = Array.from({ length: 5 }, () => [pageFor(user, 'plus'), pageFor(user, 'pro')])
    const answered = await Promise.all(asked.flat())
    expect(new Set(answered).size).toBe(10)
    expect(answered).toEqual(Array(10).fill(expect.stringMatching(/^cs_test_/)))
    expect(payable(answered).length).toBeLessThanOrEqual(1)
    const anew = await pageFor(user, 'pro')
    expect(payable([...answered, anew])).toEqual([anew])
  })

  test('by whoever has paid while Stripe has not told of it', async () => {
    const user = await lab.oort.signedIn()
    const { subscription, events } = await buy(lab, user, 'plus')
    expect(await pageFor(user, 'pro')).toBe('409 CONFLICT')
    for (const event of events) await deliver(lab, event)
    expect(await pageFor(user, 'pro')).toBe('409 CONFLICT')
    // Nor has Stripe told of its end.
    lab.stripe.books.cancel(subscription.id)
    expect(await pageFor(user, 'pro')).toBe('409 CONFLICT')
    await deliver(lab, lab.stripe.books.events.at(-1) ?? { payload: '' })
    expect(await pageFor(user, 'pro')).toMatch(/^cs_test_/)
  })

  test.each([
    ['trialing', '409 CONFLICT'],
    ['active', '409 CONFLICT'],
    ['past_due', '409 CONFLICT'],
    ['unpaid', '409 CONFLICT'],
    ['paused', '409 CONFLICT'],
    ['a status of tomorrow', '409 CONFLICT'],
    ['incomplete', 'a page'],
    ['incomplete_expired', 'a page'],
    ['canceled', 'a page'],
  ])('beside one that is known to Stripe alone: %s, %s', async (status, outcome) => {
    const user = await lab.oort.signedIn()
    const { subscription } = await buy(lab, user, 'plus')
    lab.stripe.books.change(subscription.id, { status })
    expect((await pageFor(user, 'plus')).replace(/^cs_test_.+/, 'a page')).toBe(outcome)
  })

  test('in the place of another customer’s purchase, which goes on', async () => {
    const [user, other] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
    const theirs = await pageFor(other, 'plus')
    const own = await pageFor(user, 'plus')
    expect(payable([theirs, own])).toEqual([theirs, own])
    lab.stripe.books.pay(theirs)
    expect(await pageFor(user, 'plus')).toMatch(/^cs_test_/)
  })
})

describe('no page is answered', () => {
  // The customer is known, so that the first question makes the page.
  test.each([
    ['the other pages', ['nothing', 'server-error', 'server-error']],
    ['the closing of another', ['nothing', 'nothing', 'hangup', 'hangup']],
    ['the subscriptions', ['nothing', 'nothing', 'nothing', 'rate-limit']],
  ] as const)('while Stripe does not answer for %s', async (_what, mishaps) => {
    const user = await lab.oort.signedIn()
    const left = await pageFor(user, 'plus')
    lab.stripe.script(...mishaps)
    expect(await pageFor(user, 'pro')).toBe('502 PAYMENTS_UNAVAILABLE')
    const again = await pageFor(user, 'pro')
    expect(payable([left, again])).toEqual([again])
  })

  test('twice for a closing whose answer was lost: it is closed', async () => {
    const user = await lab.oort.signedIn()
    const left = await pageFor(user, 'plus')
    lab.stripe.script('nothing', 'nothing', 'hangup-after')
    const taken = await pageFor(user, 'pro')
    expect(payable([left, taken])).toEqual([taken])
  })
})
