import { afterEach, beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { ConfigError, parseConfig } from '../../../core/config.ts'
import { OortError } from '../../../core/errors.ts'
import { operation } from '../../../core/http/operation.ts'
import { startOort, type TestOort } from '../../support/oort.ts'
import { strongSecrets } from '../../support/process.ts'
import { type SentryIngest, startSentryIngest } from '../../support/sentry-ingest/sentry-ingest.ts'

const secret = 'sk-proj-4f1bZq8Wn0TtYc2LkEo7'

let ingest: SentryIngest
let oort: TestOort | undefined
beforeEach(async () => {
  ingest = await startSentryIngest()
})
afterEach(async () => {
  await oort?.close()
  oort = undefined
  await ingest.close()
})

const failing = operation({
  method: 'POST',
  url: '/api/failing/:id',
  access: 'session',
  summary: 'Fails while it holds what it was given',
  schema: {
    params: z.strictObject({ id: z.string() }),
    body: z.strictObject({ code: z.enum(['NOT_FOUND', 'PROVIDER_ERROR']).optional(), key: z.string() }),
    response: { 200: z.object({}) },
  },
  async handle({ body: { code, key }, params, headers }) {
    if (code !== undefined) throw new OortError(code)
    throw Object.assign(new TypeError(`no ${key} of ${params.id}`), { key, headers })
  },
})

async function open(env: Readonly<Record<string, string>>): Promise<TestOort> {
  oort = await startOort({ env, extra: () => ({ name: 'failing', operations: [failing] }) })
  return oort
}

/** Lets a handler fail with the secret in body, address, query, header and cookie; answers the request's id. */
async function fail(at: TestOort, code?: string): Promise<string> {
  const user = await at.signedIn()
  const answer = await user.post(`/api/failing/${secret}`, { key: secret, code }, { 'x-api-version': secret })
  await at.platform.faults.close()
  return answer.headers.get('x-request-id') ?? ''
}

test('D3 a fault goes to the ingest as code, class, places, pattern and request id, with no value from the request', async () => {
  const requestId = await fail(await open({ SENTRY_DSN: ingest.dsn }))
  const [event, ...others] = ingest.events()
  expect(others).toEqual([])
  expect(event).toMatchObject({
    transaction: 'POST /api/failing/:id',
    tags: { code: 'INTERNAL', requestId },
    exception: { values: [{ type: 'TypeError' }, { type: 'INTERNAL' }] },
  })
  const sent = JSON.stringify(ingest.deliveries)
  for (const value of [secret, 'cookie', '@example.com', '127.0.0.1', process.cwd()]) {
    expect(sent.replaceAll(/"host":"[^"]*"/g, '')).not.toContain(value)
  }
})

test('errors that are no fault are not reported', async () => {
  const at = await open({ SENTRY_DSN: ingest.dsn })
  for (const code of ['NOT_FOUND', 'PROVIDER_ERROR']) await fail(at, code)
  expect(ingest.deliveries).toEqual([])
})

test('without SENTRY_DSN nothing is sent', async () => {
  await fail(await open({}))
  expect(ingest.deliveries).toEqual([])
})

test('an ingest that asks for patience gets it, and one that is gone costs a line of the log', async () => {
  const at = await open({ SENTRY_DSN: ingest.dsn })
  ingest.answerWith(429, { 'retry-after': '60' })
  await fail(at)
  await fail(at)
  expect(ingest.deliveries).toHaveLength(1)
  await at.close()
  const gone = await open({ SENTRY_DSN: 'http://0123456789abcdef0123456789abcdef@127.0.0.1:9/42' })
  await fail(gone)
  expect(gone.log()).toContain('a fault could not be reported')
  expect(gone.log()).not.toContain('0123456789abcdef')
})

test('SENTRY_DSN must be a DSN, over TLS in production, and is not repeated when it is none', () => {
  const env = { ...strongSecrets(), OORT_PUBLIC_URL: 'https://oort.example' }
  const dsn = 'https://0123456789abcdef0123456789abcdef@sentry.example/42'
  expect(parseConfig({ ...env, SENTRY_DSN: dsn }).faultReports).toEqual({ dsn })
  expect(parseConfig({ ...env, SENTRY_DSN: '' }).faultReports).toBeUndefined()
  for (const wrong of ['nonsense', 'https://sentry.example/42', dsn.replace('https', 'http'), dsn.replace('42', 'x')]) {
    const refused = () => parseConfig({ ...env, SENTRY_DSN: wrong })
    expect(refused).toThrow(ConfigError)
    expect(refused).toThrow(/SENTRY_DSN (is no DSN|must use https)/)
    expect(refused).not.toThrow(wrong)
  }
})
