import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { adapterOf } from '../../../core/providers/adapters.ts'
import { providers } from '../../../core/providers/provider.ts'
import { readBody } from '../../../core/providers/read-body.ts'
import { readRetryAfter } from '../../../core/providers/retry-after.ts'
import type { Behaviour } from '../../support/emulator/behaviours.ts'
import { demoKeys } from '../../support/emulator/keys.ts'
import { ask, openLab } from './lab.ts'

const { emulator, upstream, ...lab } = await openLab({ attempts: 1 })
beforeEach(() => emulator.reset())
afterAll(() => lab[Symbol.asyncDispose]())

const meanings: readonly (readonly [Behaviour, string])[] = [
  ['error-400', 'PROVIDER_REQUEST_REFUSED'],
  ['error-401', 'PROVIDER_KEY_REFUSED'],
  ['error-402', 'PROVIDER_REQUEST_REFUSED'],
  ['error-403', 'PROVIDER_KEY_REFUSED'],
  ['error-404', 'MODEL_UNKNOWN'],
  ['error-413', 'PROVIDER_REQUEST_REFUSED'],
  ['error-429', 'PROVIDER_RATE_LIMITED'],
  ['error-500', 'PROVIDER_ERROR'],
  ['error-503', 'PROVIDER_ERROR'],
  ['error-529', 'PROVIDER_ERROR'],
  ['error-not-json', 'PROVIDER_ERROR'],
  ['key-echo', 'PROVIDER_KEY_REFUSED'],
]

describe.each(providers)('%s', (provider) => {
  test.each(meanings)('%s means %s', async (behaviour, code) => {
    const response = await upstream.send(ask(provider, behaviour))
    const error = adapterOf(provider).readError(response.status, await readBody(response.body), response.headers)
    expect(error.code).toBe(code)
    expect(error.facts.providerStatus).toBe(response.status)
    expect(error.facts.retryAfter).toBe(behaviour === 'error-429' ? 1 : undefined)
  })

  test("D3 nothing of the provider's text is repeated: no key, no prompt, no markup", async () => {
    for (const behaviour of ['key-echo', 'error-not-json', 'error-404'] as const) {
      const response = await upstream.send(ask(provider, behaviour))
      const body = await readBody(response.body)
      const error = adapterOf(provider).readError(response.status, body, response.headers)
      const all = [error.message, error.stack, String(error.cause), JSON.stringify(error.facts)].join('\n')
      if (behaviour !== 'error-404') expect(body.toString()).toContain(demoKeys[provider])
      for (const text of [demoKeys[provider], 'emulator-', '<h1>', 'Incorrect']) expect(all).not.toContain(text)
    }
  })

  test('a model that does not exist is MODEL_UNKNOWN', async () => {
    const response = await upstream.send(ask(provider, 'answer', { model: 'nonexistent' }))
    const error = adapterOf(provider).readError(response.status, await readBody(response.body))
    expect(error.code).toBe('MODEL_UNKNOWN')
  })

  test('words of a hostile body mean nothing', () => {
    const words = ['constructor', '__proto__', 'toString', '', 'x'.repeat(1_000_000)]
    for (const word of words) {
      const body = Buffer.from(JSON.stringify({ error: { code: word, type: word, message: word } }))
      expect(adapterOf(provider).readError(418, body).code).toBe('PROVIDER_REQUEST_REFUSED')
    }
    for (const body of ['', '[]', 'null', '"x"', '{"error":null}', '{"error":[]}', '\ufffd']) {
      expect(adapterOf(provider).readError(500, Buffer.from(body)).code).toBe('PROVIDER_ERROR')
    }
  })
})

test("OpenAI's billing errors are 429 but no rate limit: to wait does not help", () => {
  const body = Buffer.from(JSON.stringify({ error: { type: 'insufficient_quota', code: 'credit_balance_exhausted' } }))
  expect(adapterOf('openai').readError(429, body).code).toBe('PROVIDER_REQUEST_REFUSED')
})

describe('Retry-After', () => {
  const now = Date.parse('2026-11-24T12:00:00Z')
  test.each([
    [{}, undefined],
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after': 'Tue, 24 Nov 2026 12:00:05 GMT' }, 5_000],
    [{ 'retry-after': 'Tue, 24 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': '2', 'retry-after-ms': '300' }, 300],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': '1e9' }, undefined],
    [{ 'retry-after': '9999999' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': ['1', '2'] }, undefined],
  ])('%j is %j', (headers, expected) => {
    expect(readRetryAfter(headers, now)).toBe(expected)
  })
})
