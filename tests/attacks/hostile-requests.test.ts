import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../security/route-table.ts'
import { almostJson } from '../support/almost-json.ts'
import type { Browser } from '../support/browser.ts'
import { buildTime } from '../support/built.ts'
import { chanceOf, extent, seed } from '../support/extent.ts'
import { figure } from '../support/figure.ts'
import type { Asked } from '../support/http.ts'
import { mutateCookie } from '../support/mutate-cookie.ts'
import { askAt } from './ask-at.ts'
import { type Door, type Fort, openFort } from './fort.ts'
import { expectNoFault } from './problem.ts'

let fort: Fort
let admin: Browser
/** What each route takes in its query, as the API describes itself. */
let queries: ReadonlyMap<string, readonly string[]>
beforeAll(async () => {
  fort = await openFort()
  admin = await fort.admin()
  const { paths } = (await admin.get('/api/openapi.json')).json<{ paths: Paths }>()
  queries = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [] }]) => [
        `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        parameters.filter((each) => each.in === 'query').map(({ name }) => name),
      ]),
    ),
  )
}, buildTime)
afterAll(() => fort?.[Symbol.asyncDispose]())

type Paths = Readonly<Record<string, Readonly<Record<string, { parameters?: { name: string; in: string }[] }>>>>

/** Routes that would end the very session by which the others are tried. */
const ending = ['POST /api/auth/sign-out', 'POST /api/auth/sign-out-everywhere', 'DELETE /api/auth/account']
const ways = [0, 1] as const
const from = () => `10.${[...randomBytes(3)].join('.')}`

const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)
const junk: readonly string[] = [
  '',
  '\0',
  '\\u0000',
  '\\ud800',
  '\\udfff\\ud800',
  '__proto__',
  'constructor',
  "' OR 1=1 --",
  '../../etc/passwd',
  '%00',
  '{{7*7}}',
  '$where',
  '1e999',
  '9'.repeat(400),
  'a'.repeat(5_000),
  '\u202e\ufeff\uffff',
  '😀'.repeat(100),
]
/** Values as they stand in a JSON text. */
const written = fc.oneof(
  fc.constantFrom(...junk.map((text) => `"${text}"`)),
  fc.constantFrom('-0', '1e999', '1e-999', '9007199254740993', 'NaN', 'null', 'true', '[]', '{}', '""', '[null]'),
  fc.constantFrom('{"__proto__":{"a":1}}', '{"a":1,"a":2}', '{"constructor":{"prototype":{}}}'),
  fc.constantFrom(deep('[', ']', 250), deep('[', ']', 20_000), `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
)
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
  fc.constantFrom(...['[', '{', '"', '{"a":', 'nul', '\ufeff{}', '{}{}', '{"a":1,}'].map((text) => Buffer.from(text))),
  fc
    .constantFrom(deep('[', ']', 100_000), '['.repeat(100_000), `"${'a'.repeat(70_000)}"`)
    .map((text) => Buffer.from(text)),
)
const inAddress = fc.oneof(
  fc.constantFrom('%', '%zz', '%00', '%ED%A0%80', '%C0%AF', '..', '%2e%2e%2f', '__proto__', '*', ';', 'a'.repeat(300)),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(...junk).map((text) => encodeURIComponent(text.toWellFormed())),
)

/** A body with one member, or a new one, in a form that is not its own; or no body of that kind at all. */
function bodies(valid: Readonly<Record<string, unknown>>): fc.Arbitrary<string | Buffer> {
  const names = fc.constantFrom(...Object.keys(valid), 'role', '__proto__', 'userId', '')
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(names, written).map(([name, value]) => withMember(valid, name, value)) },
    { weight: 1, arbitrary: written },
    { weight: 1, arbitrary: bytes },
  )
}

function withMember(valid: Readonly<Record<string, unknown>>, name: string, value: string): string {
  const others = Object.entries(valid).filter(([other]) => other !== name)
  return `{${[...others.map(([other, each]) => `${JSON.stringify(other)}:${JSON.stringify(each)}`), `${JSON.stringify(name)}:${value}`].join(',')}}`
}

/** Requests to a route that are wrong somewhere: in the address, the query or the body. */
function requests(name: string, door: Door): fc.Arbitrary<Asked> {
  const [method = '', url = ''] = name.split(' ')
  const { body, missing } = routes[name] ?? {}
  const path = fc.oneof(
    fc.constant(url.replace(/:[^/]+/, missing?.() ?? '')),
    inAddress.map((text) => url.replace(/:[^/]+/, text)),
  )
  const known = [...(queries.get(name) ?? []), '__proto__', 'limit', '']
  const query = fc.array(fc.tuple(fc.constantFrom(...known), inAddress), { maxLength: 3 })
  const signedIn = fc.boolean().map((yes) => yes && !ending.includes(name))
  const made: fc.Arbitrary<string | Buffer | undefined> =
    body === undefined ? fc.constantFrom(undefined, 'null', '{"a":1}') : bodies(body)
  return fc.tuple(path, query, made, signedIn).map(([at, pairs, text, asAdmin]) => ({
    method,
    path: pairs.length === 0 ? at : `${at}?${pairs.map((pair) => pair.join('=')).join('&')}`,
    headers: {
      origin: fort.publicUrl,
      ...(asAdmin ? { cookie: admin.cookie } : {}),
      // Through Caddy all come from one address, and limits by address answer in time.
      ...(door.ca === undefined ? { 'x-forwarded-for': from() } : {}),
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(text === undefined ? {} : { body: text }),
  }))
}

for (const at of ways) {
  const way = ['through Caddy', 'direct'][at]
  test(`N2 no request is answered by a fault of ours, whatever is in its address, query or body, ${way}`, {
    timeout: extent(60_000, 600_000),
  }, async ({ task }) => {
    const door = fort.doors[at]
    const each = extent(at === 0 ? 1 : 4, 120)
    const statuses = new Map<number, number>()
    for (const name of Object.keys(routes)) {
      const property = fc.asyncProperty(requests(name, door), async (asked) => {
        const answer = await askAt(door, asked)
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        // An address that is none is answered by Caddy's own parser, before anything of ours.
        if (door.ca !== undefined && answer.text === '400 Bad Request') return
        expectNoFault(answer, name)
      })
      await fc.assert(property, { seed, numRuns: each })
    }
    // The same process, in good health, and somebody signed in still is.
    expect(await askAt(door, { path: '/healthz' })).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    expect((await askAt(door, { path: '/api/auth/me', headers: { cookie: admin.cookie } })).status).toBe(200)
    process.kill(fort.routerPid, 0)
    const sent = [...statuses.values()].reduce((sum, count) => sum + count, 0)
    figure(task, `${sent} requests over ${Object.keys(routes).length} routes: 0 faults`)
  })
}

for (const at of ways) {
  const count = extent(20, 300)
  const way = ['through Caddy', 'direct'][at]
  test(`N2 a body of megabytes that is refused is told why, ${count} times of ${count}, ${way}`, async () => {
    const headers = { origin: fort.publicUrl, 'content-type': 'application/json' }
    const body = 'a'.repeat(7_000_000)
    const refusals: readonly (readonly [string, number])[] = [
      ['/api/keys', 401],
      ['/api/none', 413],
    ]
    for (const [path, status] of refusals) {
      const statuses = new Map<number | string, number>()
      for (let tried = 0; tried < count; tried += 1) {
        const answer = askAt(fort.doors[at], { method: 'POST', path, headers, body })
        const told = await answer.then(
          (each) => each.status,
          (lost: unknown) => String(lost),
        )
        statuses.set(told, (statuses.get(told) ?? 0) + 1)
      }
      expect([path, ...statuses]).toEqual([path, [status, count]])
    }
  })
}

/** Behind a door, an empty one too. */
const tricks = [...almostJson, '']

describe('N4 a Content-Type that is not quite JSON gets no body past its schema', () => {
  const taking = Object.entries(routes).filter(([, { body }]) => body !== undefined)

  test.each(taking.map(([name]) => name))('%s', async (name) => {
    const [method = '', url = ''] = name.split(' ')
    const path = url.replace(/:[^/]+/, routes[name]?.missing?.() ?? '')
    // No schema takes it, not even those that are open, and what calls by signature is refused for that.
    const body = '{"model":1,"messages":1,"role":[]}'
    for (const door of extent(0, 1) === 1 ? fort.doors : [fort.doors[1]]) {
      for (const type of tricks) {
        const headers: OutgoingHttpHeaders = {
          cookie: admin.cookie,
          origin: fort.publicUrl,
          'Content-Type': type,
          'x-forwarded-for': from(),
        }
        const { status, text } = await askAt(door, { method, path, headers, body })
        const { code } = JSON.parse(text) as { code: string }
        const refusals = ['BODY_INVALID', 'CONTENT_TYPE_UNSUPPORTED', 'HEADERS_INVALID', 'SIGNATURE_REFUSED']
        // Through Caddy, all come from one address.
        if (door.ca !== undefined) refusals.push('RATE_LIMITED')
        expect([type, status, refusals]).toEqual([type, status, expect.arrayContaining([code])])
      }
    }
  })
})

for (const at of ways) {
  const count = extent(at === 0 ? 20 : 200, 10_000)
  const way = ['through Caddy', 'direct'][at]
  test(`S2 of ${count} mutated cookies none is accepted and none is answered 5xx, ${way}`, async ({ task }) => {
    const chance = chanceOf(`cookies ${way}`)
    const whole = admin.session
    expect(whole.length).toBeLessThanOrEqual(4_096)
    const statuses = new Map<number, number>()
    for (let tried = 0; tried < count; tried += 1) {
      const cookie = mutateCookie(whole, tried, chance)
      const { status } = await askAt(fort.doors[at], { path: '/api/auth/me', headers: { cookie } })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect([...statuses]).toEqual([[401, count]])
    expect((await askAt(fort.doors[at], { path: '/api/auth/me', headers: { cookie: whole } })).status).toBe(200)
    figure(task, `${count} mutated cookies: 0 accepted, 0 answered 5xx; ${whole.length} bytes`)
  })
}
