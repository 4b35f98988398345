import { describe, expect, test } from 'vitest'
import { catalogue, type ErrorCode, OortError } from '../../../core/errors.ts'
import { faultEvent, isFault } from '../../../core/faults/fault-event.ts'

const secret = 'sk-proj-4f1bZq8Wn0TtYc2LkEo7'
const at = { now: 1_764_000_000_000, eventId: '0'.repeat(32), environment: 'test' }
const occurrence = { requestId: 'req_1', method: 'GET', route: '/api/keys/:keyId' }

test('an event names code, class, places in our code, pattern of the route, request and version, and has no other member', () => {
  const error = new OortError('INTERNAL', {}, Object.assign(new TypeError('x'), { code: 'ERR_INVALID_ARG_TYPE' }))
  const event = faultEvent(error, occurrence, at)
  expect(Object.keys(event).sort()).toEqual(
    ['environment', 'event_id', 'exception', 'fingerprint', 'level', 'platform', 'release', 'tags', 'timestamp']
      .concat('transaction', 'type')
      .sort(),
  )
  expect(event).toMatchObject({
    transaction: 'GET /api/keys/:keyId',
    release: expect.stringMatching(/^oort@\d/),
    tags: { code: 'INTERNAL', requestId: 'req_1' },
    timestamp: 1_764_000_000,
  })
  const [cause, ours] = event.exception?.values ?? []
  expect([cause?.type, cause?.value]).toEqual(['TypeError', 'ERR_INVALID_ARG_TYPE'])
  expect([ours?.type, ours?.value]).toEqual(['INTERNAL', catalogue.INTERNAL.title])
  // Sentry wants the innermost place last.
  expect(cause?.stacktrace?.frames?.at(-1)).toMatchObject({
    filename: 'tests/core/faults/fault-event.test.ts',
    lineno: expect.any(Number),
    in_app: true,
  })
})

describe('D3 nothing else of a fault leaves, wherever a value stands', () => {
  const hostile: Readonly<Record<string, () => [OortError, typeof occurrence]>> = {
    'in a detail': () => [new OortError('INTERNAL', { detail: secret, headers: { 'x-secret': secret } }), occurrence],
    'in a message, a name and a code': () => {
      const cause = Object.assign(new Error(`${secret}\n    at ${secret} (/a/${secret}.ts:1:1)`), { code: secret })
      return [new OortError('INTERNAL', {}, Object.assign(cause, { name: secret, [secret]: secret })), occurrence]
    },
    'in a cause of a cause': () => [new OortError('INTERNAL', {}, new Error('x', { cause: secret })), occurrence],
    'in an address instead of a pattern': () => [
      new OortError('INTERNAL'),
      { requestId: secret, method: secret, route: `/api/keys?key=${secret}` },
    ],
  }
  test.each(Object.entries(hostile))('%s', (_where, make) => {
    expect(JSON.stringify(faultEvent(...make(), at))).not.toContain(secret)
  })
})

test('what callers, providers and the time of day bring about is no fault', () => {
  const codes = Object.keys(catalogue) as ErrorCode[]
  expect(codes.filter((code) => isFault(new OortError(code)))).toEqual([
    'DECRYPTION_FAILED',
    'STORE_UNAVAILABLE',
    'OVERLOADED',
    'INTERNAL',
  ])
})
