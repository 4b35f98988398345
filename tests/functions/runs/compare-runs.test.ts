import { afterAll, beforeEach, expect, test } from 'vitest'
import { runs } from '../../../core/store/schema.ts'
import { scopeOf } from '../../support/seed.ts'
import { eventsIn, openLab, textIn } from './lab.ts'

const lab = await openLab({ emulator: { pace: 2 } })
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())
const ada = await lab.person()

const models = ['gpt-5.4', 'claude-sonnet-5', 'gpt-oss-120b', 'gpt-4.1-mini']

test('four models answer in one stream at once, each in its own order, under one comparison', async () => {
  const prompt = 'a b c d e f g h i j k l m n o p'
  const answer = await ada.browser.post('/api/runs/compare', { models, prompt })
  const events = eventsIn(answer.text)
  const runIds = [...new Set(events.map(({ data }) => data['runId']))]
  expect(runIds).toHaveLength(4)
  for (const runId of runIds) {
    const own = events.filter(({ data }) => data['runId'] === runId)
    expect([own.at(0)?.event, own.at(-1)?.event]).toEqual(['run', 'done'])
    expect(textIn(own)).toBe(`You said: ${prompt}`)
  }
  const order = events.filter(({ event }) => event === 'text').map(({ data }) => data['runId'])
  const changes = order.filter((runId, index) => index > 0 && runId !== order[index - 1]).length
  expect(changes).toBeGreaterThan(10)

  const [, comparisonId] = /"comparisonId":"(cmp_[^"]+)"/.exec(answer.text) ?? []
  const kept = (await ada.browser.get(`/api/runs?comparisonId=${comparisonId}`)).json<{ runs: { id: string }[] }>()
  expect(kept.runs.map(({ id }) => id).sort()).toEqual([...runIds].sort())
})

test('the failure of one, before or within its answer, does not touch the others', async () => {
  const failing = [
    'gpt-5.4',
    'openai/emulator-error-401',
    'anthropic/emulator-stream-error',
    'cerebras/emulator-hangup',
  ]
  const events = eventsIn((await ada.browser.post('/api/runs/compare', { models: failing, prompt: 'hello' })).text)
  const ends = [...Map.groupBy(events, ({ data }) => data['runId']).values()].map((own) => {
    const { event, data } = own.at(-1) ?? { event: '', data: {} }
    return [event, data['code'], (data['run'] as { state: string }).state]
  })
  expect(ends.sort()).toEqual([
    ['done', undefined, 'succeeded'],
    ['error', 'PROVIDER_ERROR', 'failed'],
    ['error', 'PROVIDER_KEY_REFUSED', 'failed'],
    ['error', 'PROVIDER_UNREACHABLE', 'failed'],
  ])
})

test('all start or none: an unknown model or a missing key refuses the whole', async () => {
  const person = await lab.person(['openai'])
  const ask = async (names: readonly string[]) => {
    const { status, json } = await person.browser.post('/api/runs/compare', { models: names, prompt: 'x' })
    return [status, json()['code']]
  }
  expect(await ask(['gpt-5.4', 'claude-sonnet-5'])).toEqual([422, 'PROVIDER_KEY_MISSING'])
  expect(await ask(['gpt-5.4', 'no-such-model'])).toEqual([404, 'MODEL_UNKNOWN'])
  expect(await ask(['gpt-5.4'])).toEqual([400, 'BODY_INVALID'])
  expect(await ask(['gpt-5.4', 'gpt-5.4'])).toEqual([400, 'BODY_INVALID'])
  expect(await ask([...models, 'o3'])).toEqual([400, 'BODY_INVALID'])
  const scope = scopeOf(lab.oort.platform, person.userId)
  expect(await scope.count(runs)).toBe(0)
  expect(await scope.audit({ action: 'key.used', limit: 1 })).toEqual([])
  expect(lab.emulator.requests).toHaveLength(0)
})

test('a caller who leaves ends all of them', async () => {
  const leaving = new AbortController()
  const prompt = 'word '.repeat(500)
  const answer = await ada.browser.fetch('POST', '/api/runs/compare', {
    body: { models: models.slice(0, 3), prompt },
    signal: leaving.signal,
  })
  await answer.body?.getReader().read()
  while (lab.emulator.requests.length < 3) await new Promise(setImmediate)
  leaving.abort()
  const ends = await Promise.all(lab.emulator.requests.map(({ ended }) => ended))
  expect(ends).toEqual(['abandoned', 'abandoned', 'abandoned'])
})
