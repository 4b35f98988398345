import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { operation } from '../../core/http/operation.ts'
import { openLab, type Person } from '../functions/runs/lab.ts'
import { almostJson } from '../support/almost-json.ts'
import { ask } from '../support/http.ts'
import { scopeOf } from '../support/seed.ts'
import { everythingOn, routesOf } from './route-table.ts'

/** What reached the handlers of the two operations below, which stand in for any that takes a body. */
let reached: unknown[] = []
const keep = (url: string, body: z.ZodType) =>
  operation({
    method: 'POST',
    url,
    access: 'session',
    summary: 'Keep what was sent',
    bodyLimit: 1_024 * 1_024,
    schema: { body, response: { 200: z.object({ kept: z.literal(true) }) } },
    async handle(call, reply) {
      reached.push(call.body)
      return reply(200, { kept: true })
    },
  })

const lab = await openLab({
  oort: {
    env: everythingOn,
    extra: () => ({
      name: 'keep',
      operations: [keep('/test/strict', z.strictObject({ text: z.string() })), keep('/test/open', z.looseObject({}))],
    }),
  },
})
afterAll(() => lab[Symbol.asyncDispose]())
const { oort } = lab

let person: Person
beforeAll(async () => {
  person = await lab.person()
  await scopeOf(oort.platform, person.userId).write((tx) =>
    tx.updateProfile({ role: 'admin' }, { type: 'user.role_changed', role: 'admin', reason: 'test' }),
  )
})
beforeEach(() => {
  reached = []
})

function send(
  method: string,
  path: string,
  body: string | Buffer,
  contentType: string | string[] = 'application/json',
) {
  return ask(oort.origin, {
    method,
    path,
    headers: {
      cookie: person.browser.cookie,
      origin: oort.publicUrl,
      'x-forwarded-for': `10.${[...randomBytes(3)].join('.')}`,
      'Content-Type': contentType,
    },
    body,
  })
}

const deep = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000)
const hostile: readonly (readonly [string, string | Buffer])[] = [
  ['__proto__', '{"__proto__":{"admin":true}}'],
  ['__proto__ by escapes', '{"\\u005f_proto\\u005f_":{"admin":true}}'],
  ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}'],
  ['__proto__ far inside', '{"text":[{"a":{"__proto__":1}}]}'],
  ['NUL by escape', '{"text":"\\u0000"}'],
  ['NUL in a key', '{"a\\u0000b":1}'],
  ['a raw NUL', '{"text":"\0"}'],
  ['an unpaired high surrogate', '{"text":"\\ud800"}'],
  ['an unpaired low surrogate', '{"text":"\\uDFFFx"}'],
  ['surrogates the wrong way round', '{"text":"\\udc00\\ud800"}'],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])],
  ['UTF-8 of a surrogate', Buffer.from('{"text":"\xed\xa0\x80"}', 'latin1')],
  ['overlong UTF-8', Buffer.from('{"text":"\xc0\x80"}', 'latin1')],
  ['UTF-16', Buffer.from('\ufeff{"text":"x"}', 'utf16le')],
  ['a repeated key', '{"text":"a","text":"b"}'],
  ['a repeated key by escapes', '{"text":"a","te\\u0078t":"b"}'],
  ['a repeated key far inside', '{"text":[{"a":1,"b":{"c":1,"c":2}}]}'],
  ['nothing', ''],
  ['white space', '   '],
  ['no JSON', '{text:"x"}'],
  ['JSON and more', '{"text":"x"}{"text":"y"}'],
  ['an array', '[]'],
  ['null', 'null'],
  ['10^5 open arrays', '['.repeat(100_000)],
  ['10^5 nested arrays', deep('[', ']')],
  ['10^5 nested objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
]

describe('N2 a hostile body is refused and reaches no handler', () => {
  test.each(hostile)('%s', async (_what, body) => {
    for (const path of ['/test/strict', '/test/open']) {
      const { status, headers } = await send('POST', path, body)
      expect(status).toBe(400)
      expect(headers['content-type']).toBe('application/problem+json')
    }
    expect(reached).toEqual([])
  })

  test('257 nested arrays, but not 256', async () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    expect((await send('POST', '/test/open', nested(257))).status).toBe(400)
    expect(reached).toEqual([])
    expect((await send('POST', '/test/open', nested(256))).status).toBe(200)
  })

  test('and nobody’s prototype was changed', () => {
    expect('admin' in {}).toBe(false)
  })
})

test('N2 what is well is taken as it is', async () => {
  const text = 'NUL is \\u0000, a pair is \\ud83d\\ude00 and "a":1,"a":2 is text: {"a":1}'
  expect((await send('POST', '/test/strict', JSON.stringify({ text }))).status).toBe(200)
  expect((await send('POST', '/test/strict', '{"text":"\\ud83d\\ude00"}')).status).toBe(200)
  expect((await send('POST', '/test/open', '{"a":{"x":1},"b":{"x":2},"c":["a","a"],"d":"a"}')).status).toBe(200)
  expect(reached).toEqual([{ text }, { text: '😀' }, { a: { x: 1 }, b: { x: 2 }, c: ['a', 'a'], d: 'a' }])
})

test('N2 NUL is refused in a query too, and what cannot be decoded does no harm', async () => {
  const headers = { cookie: person.browser.cookie }
  for (const text of ['%00', 'a%00b', 'x&q=%00']) {
    const { status, text: answer } = await ask(oort.origin, { path: `/api/runs?q=${text}`, headers })
    expect([status, JSON.parse(answer)]).toMatchObject([400, { code: 'TEXT_INVALID' }])
  }
  for (const text of ['%', '%zz', '%ED%A0%80', '%C0%80', '%FF', '&&&', '=', '__proto__', 'x&__proto__=1']) {
    expect((await ask(oort.origin, { path: `/api/runs?q=${text}`, headers })).status).toBeLessThan(500)
  }
})

describe('N2 no hostile body makes a route answer 5xx', () => {
  const taking = routesOf(oort).filter(({ operation: { schema } }) => schema.body !== undefined)
  const inMember = hostile.map(([, body]) => body)

  test.each(taking.map((route) => [route.name, route] as const))(
    '%s',
    async (_name, { operation: { method }, path, body }) => {
      const bodies = [
        ...inMember,
        // A body that is right but for one member, nested deep.
        JSON.stringify({ ...body, extra: 0 }).replace(/0\}$/, `${deep('[', ']')}}`),
        JSON.stringify({ ...body, messages: 0 }).replace(/0\}$/, `${deep('[', ']')}}`),
      ]
      for (const each of bodies) {
        const { status } = await send(method, path(), each)
        expect(status).toBeGreaterThanOrEqual(400)
        expect(status).toBeLessThan(500)
      }
    },
  )
})

describe('N4 a Content-Type that is not quite JSON reaches no handler unvalidated', () => {
  const invalid = '{"text":1}'
  test.each(almostJson.map((type) => [JSON.stringify(type), type] as const))('%s', async (_name, type) => {
    expect([400, 415]).toContain((await send('POST', '/test/strict', invalid, type)).status)
    expect(reached).toEqual([])
  })
})
