import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plans } from '../../../core/plans/plans.ts'
import { monthOf } from '../../../core/plans/reserve-run.ts'
import { insideOf } from '../../../core/platform.ts'
import { runAllowances } from '../../../core/store/schema.ts'
import type { ReadAnswer } from '../../support/browser.ts'
import { type Lab, openLab, type Person } from '../runs/lab.ts'
import { paymentsEnv, standingOf } from './lab.ts'

let lab: Lab
beforeAll(async () => {
  // Nobody is asked for payments here: Stripe's address leads nowhere.
  lab = await openLab({ oort: { env: paymentsEnv('http://127.0.0.1:9') } })
})
afterAll(() => lab[Symbol.asyncDispose]())

const { runsPerMonth, concurrentRuns, apiKeys } = plans.free

const run = ({ browser }: Person): Promise<ReadAnswer> =>
  browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'Say hello', stream: false })

const codeOf = ({ status, text }: ReadAnswer): string =>
  `${status} ${(JSON.parse(text) as { code?: string }).code ?? ''}`.trim()

/** As if so many runs of this month had counted. */
async function spent({ userId }: Person, count: number): Promise<void> {
  const { store, clock } = insideOf(lab.oort.platform)
  await store.write(async (db) => {
    await db.insert(runAllowances).values({ userId, month: monthOf(clock()), runs: count })
  })
}

const usedBy = async ({ browser }: Person) => (await standingOf(browser)).used

describe('runs against a plan', () => {
  test('count when the provider answered, not when it refused', async () => {
    const person = await lab.person()
    lab.emulator.script('openai', 'answer')
    expect(codeOf(await run(person))).toBe('200')
    expect(await usedBy(person)).toMatchObject({ runs: 1, runsUnderWay: 0 })
    lab.emulator.script('openai', 'error-400')
    expect((await run(person)).status).toBeGreaterThanOrEqual(400)
    expect(await usedBy(person)).toMatchObject({ runs: 1, runsUnderWay: 0 })
  })

  test('are refused when the month’s are used up: no key is opened and no provider is asked', async () => {
    const person = await lab.person()
    await spent(person, runsPerMonth)
    const asked = lab.emulator.requests.length
    expect(codeOf(await run(person))).toBe('402 PLAN_LIMIT_REACHED')
    expect(lab.emulator.requests).toHaveLength(asked)
    const { runs } = (await person.browser.get('/api/runs')).json<{ runs: unknown[] }>()
    expect(runs).toEqual([])
    const uses = await person.browser.get(`/api/keys/${person.keyIds.openai}/uses`)
    expect(uses.text).not.toContain('key.used')
  })

  test('of which one is left: of ten at once one is admitted', async () => {
    const person = await lab.person()
    await spent(person, runsPerMonth - 1)
    const answers = (await Promise.all(Array.from({ length: 10 }, () => run(person)))).map(codeOf)
    expect(answers.filter((code) => code === '200')).toHaveLength(1)
    expect(answers.filter((code) => code === '402 PLAN_LIMIT_REACHED')).toHaveLength(9)
    expect(await usedBy(person)).toMatchObject({ runs: runsPerMonth, runsUnderWay: 0 })
  })

  test('are under way at once as the plan allows, and the next has room as soon as one ends', async () => {
    const person = await lab.person()
    const gone = new AbortController()
    lab.emulator.script('openai', ...Array.from({ length: concurrentRuns }, () => 'stall' as const))
    const body = { model: 'gpt-5.4', prompt: 'Wait', stream: true }
    const held = Array.from({ length: concurrentRuns }, () =>
      person.browser.fetch('POST', '/api/runs', { body, signal: gone.signal }).catch(() => undefined),
    )
    await expect.poll(() => usedBy(person)).toMatchObject({ runsUnderWay: concurrentRuns })
    const refused = await run(person)
    expect([codeOf(refused), refused.headers.get('retry-after')]).toEqual(['429 CONCURRENCY_REACHED', '1'])
    gone.abort()
    await Promise.all(held)
    await expect.poll(() => usedBy(person)).toMatchObject({ runsUnderWay: 0 })
    expect(codeOf(await run(person))).toBe('200')
  })
})

test('API keys are issued as the plan allows, also when ten are asked for at once', async () => {
  const { browser } = await lab.person()
  const before = (await standingOf(browser)).used.apiKeys
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => browser.post('/api/api-keys', { name: 'script', scopes: ['runs:read'] })),
  )
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(apiKeys - before)
  expect(new Set(answers.filter(({ status }) => status !== 201).map(codeOf))).toEqual(
    new Set(['402 PLAN_LIMIT_REACHED']),
  )
  expect((await standingOf(browser)).used.apiKeys).toBe(apiKeys)
})
