import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { enrolAccount } from '../../../core/accounts/enrol-account.ts'
import { day, hour, second } from '../../../core/clock.ts'
import { newId, type RunId } from '../../../core/ids.ts'
import { plans } from '../../../core/plans/plans.ts'
import { monthOf, reserveRun, runUsageOf, settleReservation } from '../../../core/plans/reserve-run.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { subscriptions } from '../../../core/store/schema.ts'
import { startOort, type TestOort } from '../../support/oort.ts'

const env = {
  STRIPE_SECRET_KEY: `sk_test_${'0a1b'.repeat(8)}`,
  STRIPE_WEBHOOK_SECRET: `whsec_${'0a1b'.repeat(8)}`,
  STRIPE_PRICE_PLUS: 'price_plus',
}

let now = Date.UTC(2026, 10, 15)
let oort: TestOort
let user: UserScope
let people = 0
beforeAll(async () => {
  oort = await startOort({ env, clock: () => now })
})
beforeEach(async () => {
  people += 1
  const account = { email: `runner-${people}@example.com`, passwordHash: 'none', emailVerifiedAt: 0 }
  user = await enrolAccount(oort.platform, account, 'req_test')
})
afterAll(() => oort.close())

const { runsPerMonth, concurrentRuns } = plans.free

/** Reserves a run; answers its id, or the code of the refusal. */
async function reserve(scope = user, id = newId('run')): Promise<RunId | string> {
  try {
    await scope.write((tx) => reserveRun(oort.platform.config, tx, id))
    return id
  } catch (error) {
    return (error as { code: string }).code
  }
}

async function settle(id: RunId | string, counts: boolean, scope = user): Promise<void> {
  await scope.write((tx) => settleReservation(oort.platform.config, tx, id as RunId, counts))
}

/** Runs that have counted. */
async function spend(runs: number): Promise<void> {
  for (let each = 0; each < runs; each += 1) {
    const id = await reserve()
    expect(id).toMatch(/^run_/)
    await settle(id, true)
  }
}

const usage = (scope = user) => runUsageOf(oort.platform, scope.userId)

describe('a run that is reserved', () => {
  test('counts once it is settled, and once only', async () => {
    const id = await reserve()
    expect(await usage()).toEqual({ counted: 0, underWay: 1 })
    await Promise.all([settle(id, true), settle(id, true), settle(id, false)])
    expect(await usage()).toEqual({ counted: 1, underWay: 0 })
  })

  test('leaves no trace when it does not count', async () => {
    await settle(await reserve(), false)
    expect(await usage()).toEqual({ counted: 0, underWay: 0 })
    await settle(newId('run'), true)
    expect(await usage()).toEqual({ counted: 0, underWay: 0 })
  })

  test('is gone with the transaction that fails after it', async () => {
    const failing = user.write(async (tx) => {
      await reserveRun(oort.platform.config, tx, newId('run'))
      throw new RangeError('later')
    })
    await expect(failing).rejects.toThrow('later')
    expect(await usage()).toEqual({ counted: 0, underWay: 0 })
  })

  test('cannot be settled by another user', async () => {
    const id = await reserve()
    const account = { email: `other-${people}@example.com`, passwordHash: 'none', emailVerifiedAt: 0 }
    const other = await enrolAccount(oort.platform, account, 'req_test')
    await settle(id, true, other)
    expect([await usage(), await usage(other)]).toEqual([
      { counted: 0, underWay: 1 },
      { counted: 0, underWay: 0 },
    ])
  })
})

describe('a plan is not exceeded', () => {
  test('by 50 runs at once: as many are admitted as may be under way', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => reserve()))
    expect(answers.filter((answer) => answer.startsWith('run_'))).toHaveLength(concurrentRuns)
    expect(new Set(answers.filter((answer) => !answer.startsWith('run_')))).toEqual(new Set(['CONCURRENCY_REACHED']))
    await settle(answers.find((answer) => answer.startsWith('run_')) ?? '', true)
    expect(await reserve()).toMatch(/^run_/)
  })

  test('by the month’s last run, asked for ten times at once', async () => {
    await spend(runsPerMonth - 1)
    const answers = await Promise.all(Array.from({ length: 10 }, () => reserve()))
    const admitted = answers.filter((answer) => answer.startsWith('run_'))
    expect(admitted).toHaveLength(1)
    expect(new Set(answers)).toEqual(new Set([...admitted, 'PLAN_LIMIT_REACHED']))

    await settle(admitted[0] ?? '', false)
    const last = await reserve()
    await settle(last, true)
    expect(await usage()).toEqual({ counted: runsPerMonth, underWay: 0 })
    expect(await reserve()).toBe('PLAN_LIMIT_REACHED')
  })

  test('and begins anew with the month, in UTC', async () => {
    const before = now
    await spend(runsPerMonth - 1)
    now = Date.UTC(2026, 10, 30, 23, 59, 59)
    const last = await reserve()
    expect(await reserve()).toBe('PLAN_LIMIT_REACHED')
    now = Date.UTC(2026, 11, 1)
    const next = await reserve()
    expect(next).toMatch(/^run_/)
    // What began in November counts there.
    await settle(last, true)
    await settle(next, true)
    expect(await usage()).toEqual({ counted: 1, underWay: 0 })
    now = before
    expect(await usage()).toEqual({ counted: runsPerMonth, underWay: 0 })
  })

  test('is larger for whoever pays', async () => {
    await spend(2)
    const paid = {
      stripeId: `sub_${people}`,
      status: 'active',
      priceIds: ['price_plus'],
      position: '',
      updatedAt: 0,
    } as const
    const { id } = await user.write((tx) =>
      tx.insert(subscriptions, paid, { type: 'subscription.changed', status: 'active' }),
    )
    const answers = await Promise.all(Array.from({ length: 20 }, () => reserve()))
    expect(answers.filter((answer) => answer.startsWith('run_'))).toHaveLength(plans.plus.concurrentRuns)
    await user.write((tx) =>
      tx.update(subscriptions, id, { status: 'canceled' }, { type: 'subscription.changed', status: 'canceled' }),
    )
    expect(await reserve()).toBe('CONCURRENCY_REACHED')
  })
})

test('a reservation whose end was lost is let go after an hour', async () => {
  for (let each = 0; each < concurrentRuns; each += 1) await reserve()
  now += hour
  expect(await reserve()).toBe('CONCURRENCY_REACHED')
  now += second
  expect(await reserve()).toMatch(/^run_/)
  expect(await usage()).toEqual({ counted: 0, underWay: 1 })
})

test('where no payments are taken nobody is limited, and nothing is counted', async () => {
  const free = await startOort()
  const account = { email: 'free@example.com', passwordHash: 'none', emailVerifiedAt: 0 }
  const scope = await enrolAccount(free.platform, account, 'req_test')
  for (let each = 0; each < 300; each += 1) {
    await scope.write((tx) => reserveRun(free.platform.config, tx, newId('run')))
  }
  expect(await runUsageOf(free.platform, scope.userId)).toEqual({ counted: 0, underWay: 0 })
  await free.close()
})

test('a month is that of UTC', () => {
  expect(monthOf(Date.UTC(2026, 11, 31, 23, 59, 59, 999))).toBe('2026-12')
  expect(monthOf(Date.UTC(2026, 11, 31) + day)).toBe('2027-01')
})
