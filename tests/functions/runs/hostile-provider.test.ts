import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import type { Behaviour } from '../../support/emulator/behaviours.ts'
import { demoKeys } from '../../support/emulator/keys.ts'
import { eventsIn, openLab } from './lab.ts'

// Short patience, so that a provider that says nothing does not take the test's time.
const lab = await openLab({ runs: { upstream: { headersTimeout: 300, bodyTimeout: 300, answerTimeout: 3_000 } } })
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())
const ada = await lab.person()

const providers = ['openai', 'anthropic', 'cerebras'] as const
const newest = async () => {
  const { runs } = (await ada.browser.get('/api/runs?limit=1')).json<{ runs: { id: string }[] }>()
  return (await ada.browser.get(`/api/runs/${runs[0]?.id}`)).json()
}

describe.each(providers)('X2 %s', (provider) => {
  // Those that take a second to show are alike for all three: one provider each.
  const slow = { openai: 'silence', anthropic: 'stall', cerebras: 'endless' }[provider]
  const quick = ([behaviour]: readonly [Behaviour, ...unknown[]]): boolean =>
    behaviour === slow || !['silence', 'stall', 'endless'].includes(behaviour)

  const before: readonly (readonly [Behaviour, number, string])[] = [
    ['error-400', 422, 'PROVIDER_REQUEST_REFUSED'],
    ['error-401', 422, 'PROVIDER_KEY_REFUSED'],
    ['error-429-for-long', 429, 'PROVIDER_RATE_LIMITED'],
    ['error-503', 502, 'PROVIDER_ERROR'],
    ['key-echo', 422, 'PROVIDER_KEY_REFUSED'],
    ['error-not-json', 502, 'PROVIDER_ERROR'],
    ['redirect', 502, 'PROVIDER_ERROR'],
    ['hangup', 502, 'PROVIDER_UNREACHABLE'],
    ['silence', 504, 'PROVIDER_TIMEOUT'],
    ['bomb', 502, 'PROVIDER_RESPONSE_INVALID'],
    ['huge-error', 422, 'PROVIDER_REQUEST_REFUSED'],
  ]
  test.each(before.filter(quick))(
    '%s: an error before the answer is an error of the request, and the run is kept as failed',
    async (behaviour, status, code) => {
      const model = `${provider}/emulator-${behaviour}`
      for (const stream of [true, false]) {
        const answer = await ada.browser.post('/api/runs', { model, prompt: 'hello', stream })
        expect([answer.status, answer.json()['code']]).toEqual([status, code])
        expect(answer.headers.get('content-type')).toBe('application/problem+json')
        const run = await newest()
        expect(run).toMatchObject({ id: answer.headers.get('x-oort-run-id'), state: 'failed', errorCode: code })
        expect(run).toMatchObject({ output: null, inputTokens: null, costMicroUsd: null, usageEstimated: false })
      }
      if (behaviour === 'error-429-for-long') {
        const answer = await ada.browser.post('/api/runs', { model, prompt: 'hello' })
        expect(answer.headers.get('retry-after')).toBe('60')
      }
    },
  )

  const within: readonly (readonly [Behaviour, string])[] = [
    ['stream-error', 'PROVIDER_ERROR'],
    ['stream-cut', 'PROVIDER_RESPONSE_INVALID'],
    ['stream-broken', 'PROVIDER_RESPONSE_INVALID'],
    ['stream-hangup', 'PROVIDER_UNREACHABLE'],
    ['stall', 'PROVIDER_TIMEOUT'],
    ['endless', 'PROVIDER_RESPONSE_INVALID'],
    ['endless-event', 'PROVIDER_RESPONSE_INVALID'],
  ]
  test.each(within.filter(quick))(
    '%s: an error within the answer ends the stream with it, and what came is kept',
    async (behaviour, code) => {
      const answer = await ada.browser.post('/api/runs', {
        model: `${provider}/emulator-${behaviour}`,
        prompt: 'hello',
      })
      const last = eventsIn(answer.text).at(-1)
      expect(last).toMatchObject({ event: 'error', data: { code, run: { state: 'failed' } } })
      const run = await newest()
      expect(run).toMatchObject({ state: 'failed', errorCode: code, usageEstimated: true })
      const output = String(run['output'])
      if (behaviour !== 'endless-event') expect(output).toMatch(behaviour === 'endless' ? /./ : /^You/)
      expect(output.length).toBeLessThanOrEqual(4 * 1024 * 1024)
      if (/endless|stall/.test(behaviour)) expect(await lab.emulator.requests[0]?.ended).toBe('abandoned')
    },
  )
})

test('X2 passed through, a stream that stalls or never ends is bounded and ends as an error, never as a whole', async () => {
  for (const behaviour of ['stall', 'endless-event', 'stream-hangup'] as const) {
    const body = { model: `openai/emulator-${behaviour}`, stream: true, messages: [{ role: 'user', content: 'x' }] }
    const before = process.memoryUsage().rss
    const text = await ada.browser.post('/v1/chat/completions', body).then(
      (answer) => answer.text,
      () => 'broken off',
    )
    expect(text.includes('[DONE]')).toBe(false)
    expect(text === 'broken off' || text.includes('"error":')).toBe(true)
    expect((await newest())['state']).toBe('failed')
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
  }
})

test('a caller who reads slowly slows the provider down: nothing piles up here', async () => {
  const body = { model: 'openai/emulator-endless', stream: true, messages: [{ role: 'user', content: 'x' }] }
  const leaving = new AbortController()
  const answer = await ada.browser.fetch('POST', '/v1/chat/completions', { body, signal: leaving.signal })
  expect(answer.status).toBe(200)
  await wait(300)
  const held = process.memoryUsage()
  await wait(1_000)
  const later = process.memoryUsage()
  expect(later.arrayBuffers - held.arrayBuffers).toBeLessThan(8 * 1024 * 1024)
  expect((await newest())['state']).toBe('streaming')
  leaving.abort()
  expect(await lab.emulator.requests[0]?.ended).toBe('abandoned')
})

test('X1 each key reaches the listener of its own provider alone', async () => {
  for (const provider of providers) {
    for (const behaviour of ['answer', 'redirect', 'error-500', 'stream-error'] as const) {
      await ada.browser.post('/api/runs', { model: `${provider}/emulator-${behaviour}`, prompt: 'x' })
      const body = { model: `${provider}/emulator-${behaviour}`, messages: [{ role: 'user', content: 'x' }] }
      await ada.browser.post('/v1/chat/completions', body, { host: 'attacker.example' })
    }
  }
  expect(lab.emulator.requests.length).toBeGreaterThan(30)
  for (const { provider, headers, body } of lab.emulator.requests) {
    const sent = JSON.stringify(headers) + String(body)
    for (const other of providers) expect(sent.includes(demoKeys[other])).toBe(other === provider)
  }
})

test('D3 prompts and keys are in no log and no error, whatever fails; at rest they are sealed', async () => {
  const canary = 'canary-7f3a9c1e5b2d8046-prompt'
  const person = await lab.person()
  const headers = { authorization: `Bearer ${person.token}` }
  const told: string[] = []
  const behaviours = [
    'answer',
    'key-echo',
    'error-400',
    'error-500',
    'error-not-json',
    'hangup',
    'silence',
    'stream-error',
    'stall',
    'answer-not-json',
    'answer-wrong-shape',
  ] as const
  const asked = behaviours.flatMap((behaviour) =>
    [true, false].flatMap((stream) => {
      const model = `openai/emulator-${behaviour}`
      const messages = [{ role: 'user', content: canary }]
      return [
        person.browser.post('/api/runs', { model, prompt: canary, stream }, headers),
        person.browser.post('/v1/chat/completions', { model, messages, stream }, headers).catch(() => undefined),
      ]
    }),
  )
  // What was answered with 200 is the answer to the prompt, and repeats it.
  for (const answer of await Promise.all(asked))
    if (answer !== undefined && answer.status !== 200) told.push(answer.text)
  const malformed = [
    `{"model":"gpt-5.4","prompt":"${canary}`,
    { model: 'gpt-5.4', prompt: [canary] },
    { model: canary, prompt: 'x' },
  ]
  for (const body of malformed) told.push((await person.browser.post('/api/runs', body)).text)
  told.push((await person.browser.get(`/api/runs?q=${canary}&state=${canary}`)).text)

  expect(told.length).toBeGreaterThan(30)
  const search = createByteSearch([canary, ...Object.values(demoKeys), person.token])
  expect(search(Buffer.from(told.join('\n')))).toEqual(new Set())
  expect(search(Buffer.from(lab.oort.log()))).toEqual(new Set())
  expect(search(await bytesIn(lab.oort.dataDir))).toEqual(new Set())
})
