import { afterAll, expect, test } from 'vitest'
import { day, minute } from '../../../core/clock.ts'
import { newId } from '../../../core/ids.ts'
import { runs } from '../../../core/store/schema.ts'
import { scopeOf } from '../../support/seed.ts'
import { openLab, type Person } from './lab.ts'

const monday = Date.UTC(2026, 10, 23)
let now = monday
const lab = await openLab({ oort: { clock: () => now } })
afterAll(() => lab[Symbol.asyncDispose]())

interface Usage {
  readonly from: number
  readonly series: readonly Readonly<Record<string, unknown>>[]
  readonly latency: readonly Readonly<Record<string, unknown>>[]
}

interface Past {
  readonly at: number
  readonly model?: string
  readonly state?: 'succeeded' | 'failed' | 'cancelled'
  /** Milliseconds until the first byte, and until the end. */
  readonly took?: readonly [number, number]
}

/** Writes runs of the past straight into the history. */
async function add(person: Person, past: readonly Past[]): Promise<void> {
  const scope = scopeOf(lab.oort.platform, person.userId)
  for (const { at, model = 'gpt-5.4', state = 'succeeded', took = [100, 200] } of past) {
    now = at
    const row = {
      providerKeyId: newId('providerKey'),
      endpoint: 'runs',
      provider: model.startsWith('claude') ? 'anthropic' : 'openai',
      model,
      state,
      instanceId: lab.oort.platform.instanceId,
      inputTokens: 10,
      outputTokens: 20,
      costMicroUsd: 5,
      firstByteAt: state === 'failed' ? null : at + took[0],
      finishedAt: at + took[1],
      prompt: 'hello',
    } as const
    await scope.write((tx) => tx.insert(runs, row, { type: 'run.finished', state }))
  }
  now = monday
}

const usage = async (person: Person, query: string): Promise<Usage> =>
  (await person.browser.get(`/api/runs/usage?${query}`)).json<Usage>()
const week = `from=${monday}&to=${monday + 7 * day}`

test('runs are summed by day and model, those of others and of other times left out', async () => {
  now = monday
  const [ada, ben] = [await lab.person([]), await lab.person([])]
  await add(ada, [
    { at: monday - 1 },
    { at: monday },
    { at: monday + day - 1, state: 'failed' },
    { at: monday + day },
    { at: monday + day, model: 'claude-sonnet-5', state: 'cancelled' },
    { at: monday + 7 * day },
  ])
  await add(ben, [{ at: monday }])
  const sum = { runs: 1, succeeded: 1, failed: 0, inputTokens: 10, outputTokens: 20, costMicroUsd: 5 }
  expect((await usage(ada, week)).series).toEqual([
    {
      at: monday,
      provider: 'openai',
      model: 'gpt-5.4',
      ...sum,
      runs: 2,
      failed: 1,
      inputTokens: 20,
      outputTokens: 40,
      costMicroUsd: 10,
    },
    { at: monday + day, provider: 'anthropic', model: 'claude-sonnet-5', ...sum, succeeded: 0 },
    { at: monday + day, provider: 'openai', model: 'gpt-5.4', ...sum },
  ])
})

test('days begin at the caller’s own midnight, and hours can be asked for', async () => {
  now = monday
  const ada = await lab.person([])
  const half = 30 * minute
  await add(ada, [{ at: monday + 20 * 60 * minute }])
  const at = async (query: string) => (await usage(ada, `${week}&${query}`)).series.map((row) => row['at'])
  expect(await at('offset=330')).toEqual([monday + day - 11 * half])
  expect(await at('offset=-300')).toEqual([monday + 10 * half])
  expect(await at('bucket=hour')).toEqual([monday + 20 * 60 * minute])
})

test('latency is told by percentiles, of answers that began', async () => {
  now = monday
  const ada = await lab.person([])
  const hundred = Array.from({ length: 101 }, (_, index) => ({
    at: monday + index,
    took: [index, 10 * index] as const,
  }))
  await add(ada, [...hundred, { at: monday, state: 'failed' }, { at: monday, state: 'cancelled', took: [50, 90_000] }])
  expect((await usage(ada, week)).latency).toEqual([
    {
      provider: 'openai',
      model: 'gpt-5.4',
      runs: 102,
      firstByteP50: 50,
      firstByteP95: expect.closeTo(94.95, 5),
      totalP50: 500,
      totalP95: 950,
    },
  ])
})

test.each([
  ['a period that ends before it begins', 'from=2&to=1'],
  ['more than a year', `from=0&to=${367 * day}`],
  ['more than two weeks by the hour', `from=0&to=${15 * day}&bucket=hour`],
  ['an offset that no clock has', 'from=0&to=1&offset=841'],
])('%s is refused', async (_, query) => {
  now = monday
  const ada = await lab.person([])
  const answer = await ada.browser.get(`/api/runs/usage?${query}`)
  expect([answer.status, answer.json()['code']]).toEqual([400, 'BODY_INVALID'])
})
