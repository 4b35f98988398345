import { Readable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { catalogue, type ErrorCode, OortError } from '../../core/errors.ts'
import { type Answer, bytes, methodsOf, type Operation, operation } from '../../core/http/operation.ts'
import { newId } from '../../core/ids.ts'
import type { SessionCookie } from '../../core/session/session-cookie.ts'
import { type Answered, ask } from '../support/http.ts'
import { startOort } from '../support/oort.ts'
import { routesOf } from './route-table.ts'

/** What the message of a careless library could hold. */
const secret = 'SELECT * FROM users; /srv/oort/data/oort.db sk-proj-do-not-tell'
const codes = Object.keys(catalogue) as readonly ErrorCode[]

/** An operation that ends as `end` says. */
function ending(name: string, end: (cookie: SessionCookie) => Promise<Answer> | Answer): Operation {
  return operation({
    method: 'GET',
    url: `/test/${name}`,
    access: 'public',
    summary: 'End as the test says',
    schema: { response: { 200: z.object({ name: z.string() }) } },
    handle: async ({ cookie }) => end(cookie),
  })
}

function fail(thrown: unknown): never {
  throw thrown
}

const unserialisable = {
  get name(): string {
    throw new Error(secret)
  },
}

const oort = await startOort({
  extra: () => ({
    name: 'ends',
    operations: [
      ...codes.map((code) => ending(code.toLowerCase(), () => fail(new OortError(code, {}, new Error(secret))))),
      ending('foreign', () =>
        fail(Object.assign(new Error(secret), { statusCode: 418, headers: { 'x-path': secret } })),
      ),
      ending('sqlite', () => fail(Object.assign(new Error(secret), { code: 'SQLITE_CORRUPT' }))),
      ending('string', () => fail(secret)),
      ending('undefined', () => fail(undefined)),
      ending('unserialisable', async (cookie) => {
        await cookie.save({ sessionId: newId('session'), userId: newId('user'), epoch: 0 })
        return { kind: 'json', status: 200, body: unserialisable, headers: { 'content-disposition': 'attachment' } }
      }),
      ending('other-status', () => ({ kind: 'json', status: 203, body: { ciphertext: secret }, headers: {} })),
      ending('stream', () =>
        bytes(200, 'text/plain', new Readable({ read: (): void => fail(new Error(secret)) }), { 'x-was': 'text' }),
      ),
      operation({
        method: 'POST',
        url: '/test/body',
        access: 'public',
        summary: 'Take a body',
        schema: { body: z.strictObject({ text: z.string() }), response: { 200: z.object({}) } },
        handle: async (_call, reply) => reply(200, {}),
      }),
    ],
  }),
})
afterAll(() => oort.close())

/** Checks that an answer is a problem document of this code, and that it tells nothing else. */
function expectProblem(answer: Answered, code: ErrorCode): void {
  const { title, status } = catalogue[code]
  expect(answer.status).toBe(status)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  const problem = JSON.parse(answer.text) as Record<string, unknown>
  expect(problem).toMatchObject({ type: `/errors#${code}`, title, status, code })
  expect(problem['requestId']).toBe(answer.headers['x-request-id'])
  expect(Object.keys(problem).filter((member) => !known.has(member))).toEqual([])
  expect(answer.text).not.toMatch(/SELECT|sqlite|oort\.db|sk-proj|node_modules|\.[jt]s\b|\\n|FST_ERR/i)
  expect(answer.headers['set-cookie']).toBeUndefined()
}

const known = new Set(['type', 'title', 'status', 'code', 'detail', 'issues', 'providerStatus', 'requestId', 'error'])

test.each(codes)('H4 %s is a problem document and tells nothing of its cause', async (code) => {
  const answer = await ask(oort.origin, { path: `/test/${code.toLowerCase()}` })
  expectProblem(answer, code)
  expect(answer.headers['www-authenticate']).toBe(answer.status === 401 ? 'Bearer realm="oort"' : undefined)
})

test.each(['foreign', 'sqlite', 'string', 'undefined', 'other-status', 'stream'])(
  'H4 what nobody foresaw (%s) is INTERNAL, and its text is in no answer and no log',
  async (name) => {
    const answer = await ask(oort.origin, { path: `/test/${name}` })
    expectProblem(answer, 'INTERNAL')
    expect(answer.headers['x-path'] ?? answer.headers['x-was']).toBeUndefined()
    expect(oort.log()).not.toContain('sk-proj')
  },
)

test('H4 an answer that fails late leaves neither its cookie nor its headers behind', async () => {
  const answer = await ask(oort.origin, { path: '/test/unserialisable' })
  expectProblem(answer, 'INTERNAL')
  expect(answer.headers['content-disposition']).toBeUndefined()
})

describe('H4 what is no request for an operation', () => {
  test.each([
    '/nowhere',
    '/api',
    '/api/',
    '/%',
    '/%zz',
    '/api/keys/%E0%A4%A',
    '//',
    '/api/keys/../../etc/passwd',
    '/a\\b',
  ])('%s is nowhere', async (path) => {
    expectProblem(await ask(oort.origin, { path }), 'ROUTE_NOT_FOUND')
  })

  test('an id of any length is refused', async () => {
    const answers = [64, 65, 1_000, 8_000].map((length) =>
      ask(oort.origin, { path: `/api/keys/${'a'.repeat(length)}`, headers: { cookie: 'a' } }),
    )
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 404, 404, 404])
  })

  test('every address answers the methods that it has none of with 405 and those that it has', async () => {
    const addresses = Map.groupBy(routesOf(oort), ({ operation }) => operation.url)
    for (const routes of addresses.values()) {
      const own = new Set(routes.flatMap(({ operation }) => methodsOf(operation)))
      const path = routes[0]?.path() ?? ''
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
        if (own.has(method)) continue
        const answer = await ask(oort.origin, { method, path })
        expectProblem(answer, 'METHOD_NOT_ALLOWED')
        expect(new Set(answer.headers.allow?.split(', '))).toEqual(own)
      }
    }
  })

  test('a method that nothing here has is refused', async () => {
    for (const method of ['PROPFIND', 'LOCK', 'QUERY', 'M-SEARCH']) {
      expect([404, 405]).toContain((await ask(oort.origin, { method, path: '/healthz' })).status)
    }
  })

  const origin = { origin: oort.publicUrl }
  const post = (type: string, body: string | Buffer) =>
    ask(oort.origin, { method: 'POST', path: '/test/body', headers: { ...origin, 'content-type': type }, body })

  test('bodies', async () => {
    expectProblem(await post('application/json', 'a'.repeat(65 * 1_024)), 'BODY_TOO_LARGE')
    expectProblem(await post('application/xml', '<a/>'), 'CONTENT_TYPE_UNSUPPORTED')
    expectProblem(await post('nonsense', '{}'), 'CONTENT_TYPE_UNSUPPORTED')
    expectProblem(await post('application/json', '{"text":'), 'JSON_INVALID')
    expectProblem(await post('application/json', '{"text":"\\u0000"}'), 'TEXT_INVALID')
    expectProblem(await post('application/json', `{"text":"${secret}","more":1}`), 'BODY_INVALID')
    expectProblem(await ask(oort.origin, { method: 'POST', path: '/test/body', headers: origin }), 'BODY_INVALID')
  })
})

test('H4 the type of a problem can be looked up', async () => {
  const { text } = await ask(oort.origin, { path: '/errors' })
  expect(JSON.parse(text)).toEqual(catalogue)
})

test('HEAD answers what GET would, without its body', async () => {
  for (const path of ['/healthz', '/errors', '/api/auth/me', '/nowhere']) {
    const [get, head] = await Promise.all(['GET', 'HEAD'].map((method) => ask(oort.origin, { method, path })))
    expect(head?.status).toBe(get?.status)
    expect(head?.headers['content-type']).toBe(get?.headers['content-type'])
    expect(head?.headers['content-length']).toBe(get?.headers['content-length'])
    expect(head?.text).toBe('')
  }
})
