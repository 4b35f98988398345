import { afterAll, beforeEach, expect, test } from 'vitest'
import { liveRunsOf } from '../../../core/runs/live-runs.ts'
import { eventsIn, openLab, type Person, textIn } from './lab.ts'

const lab = await openLab({ emulator: { pace: 10 } })
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())
const ada = await lab.person()
const prompt = Array.from({ length: 100 }, (_, index) => `w${index}`).join(' ')

/** Opens a stream of events and reads until it holds `until`. */
async function open(person: Person, path: string, until: string, body?: unknown) {
  const leaving = new AbortController()
  const answer = await fetch(lab.oort.origin + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: leaving.signal,
  })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) throw new Error('no body')
  let text = ''
  while (!text.includes(until)) {
    const { value = '', done } = await reader.read()
    if (done) throw new Error(`ended early: ${text}`)
    text += value
  }
  const rest = async () => {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return eventsIn(text)
      text += value
    }
  }
  return { leave: () => leaving.abort(), rest, runId: /run_[0-9a-f-]{36}/.exec(text)?.[0] ?? '' }
}

const follow = async (person: Person, runId: string) =>
  eventsIn((await person.browser.get(`/api/runs/${runId}/events`)).text)

test('a run that is to keep running outlives its caller, who finds it again from its first word on', async () => {
  const first = await open(ada, '/api/runs', 'w9', { model: 'gpt-5.4', prompt, keepRunning: true })
  first.leave()
  const events = await follow(ada, first.runId)
  expect(events.map(({ event }) => event).filter((name) => name !== 'text')).toEqual(['run', 'usage', 'done'])
  expect(textIn(events)).toBe(`You said: ${prompt}`)
  expect(lab.emulator.requests).toHaveLength(1)
  expect((await ada.browser.get(`/api/runs/${first.runId}`)).json()).toMatchObject({
    state: 'succeeded',
    output: `You said: ${prompt}`,
    usageEstimated: false,
  })
})

test('several followers, early and late, read the same answer', async () => {
  const first = await open(ada, '/api/runs', 'w3', { model: 'claude-sonnet-5', prompt, keepRunning: true })
  const second = await open(ada, `/api/runs/${first.runId}/events`, 'w20')
  const third = await open(ada, `/api/runs/${first.runId}/events`, 'w40')
  for (const events of await Promise.all([first.rest(), second.rest(), third.rest()])) {
    expect(textIn(events)).toBe(`You said: ${prompt}`)
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { run: { state: 'succeeded' } } })
  }
})

test('one of several compared runs is followed alone', async () => {
  const models = ['gpt-5.4', 'claude-sonnet-5']
  const both = await open(ada, '/api/runs/compare', 'w9', { models, prompt, keepRunning: true })
  both.leave()
  const events = await follow(ada, both.runId)
  expect(textIn(events)).toBe(`You said: ${prompt}`)
  expect(new Set(events.map(({ data }) => data['runId']))).toEqual(new Set([both.runId]))
})

test('a run is followed before its answer begins, and learns of its failure', async () => {
  lab.emulator.script('openai', 'silence')
  const asking = ada.browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'hi', keepRunning: true })
  await expect.poll(() => lab.emulator.requests.length).toBe(1)
  const [listed] = (await ada.browser.get('/api/runs?limit=1')).json<{ runs: { id: string }[] }>().runs
  const runId = listed?.id ?? ''
  const following = follow(ada, runId)
  await ada.browser.post(`/api/runs/${runId}/cancel`)
  expect((await asking).json()['code']).toBe('RUN_CANCELLED')
  const events = await following
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({ event: 'error', data: { code: 'RUN_CANCELLED', run: { state: 'cancelled' } } })
})

test.each([
  ['gpt-5.4', 'done', { run: { state: 'succeeded' } }],
  ['emulator-error-400', 'error', { code: 'PROVIDER_REQUEST_REFUSED', run: { state: 'failed' } }],
])('a run of %s that has ended is told from the history', async (model, event, data) => {
  await ada.browser.post('/api/runs', { model: `openai/${model}`, prompt: 'hello there', stream: false })
  const [listed] = (await ada.browser.get('/api/runs?limit=1')).json<{ runs: { id: string }[] }>().runs
  const events = await follow(ada, listed?.id ?? '')
  expect(textIn(events)).toBe(event === 'done' ? 'You said: hello there' : '')
  expect(events.at(-1)).toMatchObject({ event, data })
})

test('a run that is its own caller’s alone cannot be followed while it is under way', async () => {
  const own = await open(ada, '/api/runs', 'w3', { model: 'gpt-5.4', prompt })
  const answer = await ada.browser.get(`/api/runs/${own.runId}/events`)
  expect([answer.status, answer.json()['code']]).toEqual([409, 'CONFLICT'])
  own.leave()
})

test('the end of an account ends the runs that were to keep running', async () => {
  const ben = await lab.person()
  const first = await open(ben, '/api/runs', 'w3', { model: 'gpt-5.4', prompt, keepRunning: true })
  first.leave()
  await liveRunsOf(lab.oort.platform).abortAllOf(ben.userId)
  expect(await lab.emulator.requests[0]?.ended).toBe('abandoned')
  const events = await follow(ben, first.runId)
  expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'RUN_CANCELLED' } })
})
