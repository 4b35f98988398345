import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createByteSearch } from '../support/byte-search.ts'
import { meetServices, misplaceSecrets, openAccount, readEverything, runPrompts } from './leaks/drive.ts'
import { type LeakLab, openLeakLab } from './leaks/lab.ts'

let lab: LeakLab
beforeEach(async () => {
  lab = await openLeakLab()
})
afterEach(() => lab.close())

/** Fails a handler in this way, with a secret in its body, its address and a header. */
const fail = async (how: string, secret: string) => {
  const path = encodeURIComponent(secret)
  const answer = await lab.browser().fetch('POST', `/api/faulty/${path.slice(0, 60)}?key=${path}`, {
    body: { how, secret },
    headers: { 'x-key': path, cookie: `oort=${path}` },
  })
  lab.keep(`a handler that is to ${how}`, { text: await answer.text().catch(() => ''), headers: answer.headers })
}

/** The codes that a caller can bring about while holding a secret. The rest need another configuration or luck. */
const reached = [
  'BODY_INVALID JSON_INVALID TEXT_INVALID CURSOR_INVALID HEADERS_INVALID CONTENT_TYPE_UNSUPPORTED BODY_TOO_LARGE',
  'HEADERS_TOO_LARGE ROUTE_NOT_FOUND METHOD_NOT_ALLOWED UNAUTHENTICATED CREDENTIALS_REFUSED CROSS_SITE_REFUSED',
  'SECOND_FACTOR_REQUIRED SECOND_FACTOR_REFUSED CONFLICT PASSWORD_TOO_SHORT LINK_INVALID PROVIDER_UNKNOWN',
  'PROVIDER_KEY_MALFORMED PROVIDER_KEY_REFUSED MODEL_UNKNOWN IDEMPOTENCY_KEY_INVALID PROVIDER_UNREACHABLE',
  'PROVIDER_ERROR PROVIDER_RATE_LIMITED PROVIDER_REQUEST_REFUSED PROVIDER_RESPONSE_INVALID PAYMENTS_UNAVAILABLE',
  'SIGNATURE_REFUSED DECRYPTION_FAILED INTERNAL',
].flatMap((line) => line.split(' '))

describe('D3', () => {
  test('no key, password, cookie, prompt or address is in any sink after every error that a caller can bring about', async () => {
    const user = await openAccount(lab)
    const issued = await user.post('/api/api-keys', { name: 'client', scopes: ['runs:create', 'models:read'] })
    const { token } = issued.json<{ token: string }>()
    lab.add('clientKey', token)
    await misplaceSecrets(lab, user)
    await runPrompts(lab, user, token)
    const how = [
      'throw',
      'throw a text',
      'throw an object',
      'quote a query',
      'break a constraint',
      'quote what it parses',
    ].concat('open what is not sealed', 'end a stream', 'answer what it may not', 'break off an answer')
    for (const each of how) for (const secret of Object.values(lab.planted)) await fail(each, secret)
    await readEverything(lab, user)
    await meetServices(lab, user)
    await lab.keepFiles()
    const figures = await lab.keepMetrics()
    // A batch goes out when it is full or old enough.
    await expect.poll(() => lab.collector.spans().length, { timeout: 20_000 }).toBeGreaterThan(100)
    await fail('crash', lab.planted.openaiKey).catch(() => undefined)
    const { exitCode, stdout, stderr } = await lab.ended()
    await lab.keepFiles()

    const { leaks, owned } = lab.found()
    expect(leaks).toEqual([])
    // And it was no silence: each of the sinks was in use, and the values were where they belong.
    for (const at of ['prompt in a run', 'prompt in runs.ndjson of the export', 'email in /api/auth/me']) {
      expect(owned).toContain(at)
    }
    const sent = JSON.stringify(lab.emulator.requests.map(({ headers }) => headers))
    for (const name of ['openaiKey', 'anthropicKey', 'cerebrasKey'] as const) expect(sent).toContain(lab.planted[name])
    expect(reached.filter((code) => !lab.codes().has(code))).toEqual([])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/"level":"fatal".*"msg":"crashed"/)
    expect(stderr).toBe('')
    for (const route of ['/api/keys', '/api/runs', '/webhooks/payments', '/api/faulty/:path'])
      expect(stdout).toContain(route)
    for (const state of ['succeeded', 'failed']) expect(figures).toContain(`state="${state}"`)
    expect(stdout).toContain('a task after an answer failed')
    expect(lab.ingest.events().length).toBeGreaterThan(10)
  }, 120_000)

  test('and a leak would be seen, in each sink and in each form', async () => {
    const { openaiKey: key, prompt } = lab.planted
    await fail('leak', key)
    lab.keepBytes('a file', Buffer.from(Buffer.from(`in the middle ${key} of it`).toString('base64')))
    lab.keepBytes('an address', Buffer.from(encodeURIComponent(prompt)))
    lab.keepBytes('a document', Buffer.from(JSON.stringify({ prompt })))
    lab.keepBytes('its owner’s answer', Buffer.from(prompt), ['prompt'])
    lab.keepBytes('digits', Buffer.from(Buffer.from(prompt).toString('hex')))
    await fail('crash', 'nothing').catch(() => undefined)
    await lab.ended()
    const { leaks, owned } = lab.found()
    expect(owned).toEqual(['prompt in its owner’s answer'])
    expect(leaks.toSorted()).toEqual([
      'openaiKey in a file',
      'openaiKey in standard error',
      'prompt in a document',
      'prompt in an address',
      'prompt in digits',
    ])
    for (const value of Object.values(lab.planted)) {
      for (const form of [value, JSON.stringify(value), encodeURIComponent(value)]) {
        expect([value, createByteSearch([value])(Buffer.from(`x${form}`)).size]).toEqual([value, 1])
      }
    }
  }, 60_000)
})
