import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { and, eq, isNotNull } from 'drizzle-orm'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { finishAttempt, startAttempt } from '../../../core/http/idempotency-store.ts'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { idempotencyKeys } from '../../../core/store/schema.ts'
import { onPostgres } from '../../support/database.ts'
import { openLab } from './lab.ts'

const lab = await openLab()
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())
const ada = await lab.person()

const doors = [
  ['JSON', '/api/runs', { model: 'gpt-5.4', prompt: 'hello', stream: false }],
  ['events', '/api/runs', { model: 'gpt-5.4', prompt: 'hello' }],
  ['a comparison', '/api/runs/compare', { models: ['gpt-5.4', 'claude-sonnet-5'], prompt: 'hello' }],
  ["a provider's JSON", '/v1/chat/completions', { model: 'gpt-5.4', messages: [{ role: 'user', content: 'hi' }] }],
  [
    "a provider's stream",
    '/v1/messages',
    { model: 'claude-sonnet-5', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'hi' }] },
  ],
] as const

test.each(doors)(
  'I1 %s: 50 requests with one key at once are one call, and the same bytes ever after',
  async (name, path, body) => {
    const key = { 'idempotency-key': `key ${name}`.replaceAll(' ', '-') }
    const calls = name === 'a comparison' ? 2 : 1
    const answers = await Promise.all(Array.from({ length: 50 }, () => ada.browser.post(path, body, key)))
    const [first] = answers.filter(({ status, headers }) => status === 200 && !headers.has('idempotency-replayed'))
    for (const { status, text } of answers) {
      if (status === 200) expect(text).toBe(first?.text)
      else expect([status, JSON.parse(text).code]).toEqual([409, 'IDEMPOTENCY_IN_PROGRESS'])
    }
    expect(lab.emulator.requests).toHaveLength(calls)

    const again = await ada.browser.post(path, body, key)
    expect(again.text).toBe(first?.text)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.headers.get('content-type')).toBe(first?.headers.get('content-type'))

    const other = await ada.browser.post(path, { ...body, temperature: 1, parameters: {} }, key)
    expect([400, 422]).toContain(other.status)
    const reused = await ada.browser.post(
      path,
      { ...body, ...(path.startsWith('/v1') ? { top_p: 1 } : { prompt: 'other' }) },
      key,
    )
    expect([reused.status, reused.json()['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    expect(lab.emulator.requests).toHaveLength(calls)

    const bob = await lab.person()
    const theirs = await bob.browser.post(path, body, key)
    expect([theirs.status, theirs.headers.has('idempotency-replayed')]).toEqual([200, false])
  },
)

test('I1 a request that failed is tried anew with the same key', async () => {
  const body = { model: 'gpt-5.4', prompt: 'hello', stream: false }
  const key = { 'idempotency-key': 'failing' }
  lab.emulator.script('openai', 'error-400')
  expect((await ada.browser.post('/api/runs', body, key)).status).toBe(422)
  expect((await ada.browser.post('/api/runs', body, key)).status).toBe(200)
  expect(lab.emulator.requests).toHaveLength(2)
})

test('I1 a stream that its caller left is tried anew with the same key', async () => {
  const body = { model: 'emulator-slow', prompt: 'one two three four' }
  const named = { ...body, model: 'openai/emulator-slow' }
  const key = { 'idempotency-key': 'leaving' }
  const leaving = new AbortController()
  const answer = await ada.browser.fetch('POST', '/api/runs', { body: named, headers: key, signal: leaving.signal })
  expect(answer.status).toBe(200)
  leaving.abort()
  expect(await lab.emulator.requests[0]?.ended).toBe('abandoned')
  await wait(50)
  lab.emulator.script('openai', 'answer')
  const again = await ada.browser.post('/api/runs', named, key)
  expect([again.status, again.headers.has('idempotency-replayed')]).toEqual([200, false])
})

test.each([
  ['a run', '/api/runs', { model: 'openai/emulator-slow', prompt: 'one two three four' }],
  [
    'a comparison',
    '/api/runs/compare',
    { models: ['openai/emulator-slow', 'anthropic/emulator-slow'], prompt: 'one two three four' },
  ],
])('I1 %s that goes on when its caller leaves is not begun again with the same key', async (name, path, body) => {
  const going = { ...body, keepRunning: true }
  const key = { 'idempotency-key': `going on: ${name}`.replaceAll(' ', '-') }
  const leaving = new AbortController()
  await ada.browser.fetch('POST', path, { body: going, headers: key, signal: leaving.signal })
  const calls = lab.emulator.requests.length
  leaving.abort()
  let again = await ada.browser.post(path, going, key)
  expect(again.json()['code']).toBe('IDEMPOTENCY_IN_PROGRESS')
  await expect
    .poll(async () => {
      again = await ada.browser.post(path, going, key)
      return again.status
    })
    .toBe(200)
  expect(again.headers.get('idempotency-replayed')).toBe('true')
  expect(again.text).toContain('event: done')
  expect(lab.emulator.requests).toHaveLength(calls)
  expect(await Promise.all(lab.emulator.requests.map(({ ended }) => ended))).not.toContain('abandoned')
})

test('I1 a stream that ended with a failure is tried anew with the same key', async () => {
  const body = { model: 'gpt-5.4', prompt: 'hello' }
  const key = { 'idempotency-key': 'failing-in-the-middle' }
  lab.emulator.script('openai', 'stream-error')
  expect((await ada.browser.post('/api/runs', body, key)).text).toContain('event: error')
  const again = await ada.browser.post('/api/runs', body, key)
  expect([again.headers.has('idempotency-replayed'), again.text.includes('event: done')]).toEqual([false, true])
})

test('D1 an answer that was to be kept as its run was deleted is not kept', async () => {
  const { platform } = lab.oort
  const attempt = { id: newId('idempotency'), userId: ada.userId }
  const [keyHash, fingerprint] = [randomBytes(32), randomBytes(32)]
  await startAttempt(platform, { attempt, keyHash, fingerprint })
  await ada.browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'hello' })
  const [run] = (await ada.browser.get('/api/runs')).json<{ runs: { id: string }[] }>().runs
  await ada.browser.delete(`/api/runs/${run?.id}`)
  await finishAttempt(platform, attempt, { status: 200, headers: { 'content-type': 'text/plain' } }, Buffer.from('it'))
  const again = startAttempt(platform, { attempt: { ...attempt, id: newId('idempotency') }, keyHash, fingerprint })
  await expect(again).rejects.toMatchObject({ code: 'IDEMPOTENCY_NOT_REPLAYABLE' })
})

test.each(doors)(
  'D1 %s: the answer kept for its key goes with the run, and no second run takes its place',
  async (name, path, body) => {
    const key = { 'idempotency-key': `erased ${name}`.replaceAll(' ', '-') }
    const eve = await lab.person()
    expect((await eve.browser.post(path, body, key)).status).toBe(200)
    const calls = lab.emulator.requests.length
    const { store } = insideOf(lab.oort.platform)
    const answered = and(eq(idempotencyKeys.userId, eve.userId), isNotNull(idempotencyKeys.bodyCiphertext))
    const kept = () => store.read.$count(idempotencyKeys, answered)
    expect(await kept()).toBe(1)
    for (const { id } of (await eve.browser.get('/api/runs')).json<{ runs: { id: string }[] }>().runs) {
      expect((await eve.browser.delete(`/api/runs/${id}`)).json()).toEqual({ bytesErased: !onPostgres })
    }
    expect(await kept()).toBe(0)
    const again = await eve.browser.post(path, body, key)
    expect([again.status, again.json()['code']]).toEqual([409, 'IDEMPOTENCY_NOT_REPLAYABLE'])
    expect(lab.emulator.requests).toHaveLength(calls)
  },
)
