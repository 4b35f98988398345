import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../core/errors.ts'
import { insideOf } from '../../core/platform.ts'
import { auditEvents, mailTokens, sessions, users } from '../../core/store/schema.ts'
import { openLab, type Person } from '../functions/runs/lab.ts'
import { ask } from '../support/http.ts'
import { scopeOf } from '../support/seed.ts'
import { everythingOn, type ListedRoute, routesOf } from './route-table.ts'

const lab = await openLab({ oort: { env: everythingOn } })
afterAll(() => lab[Symbol.asyncDispose]())
const { oort } = lab

const changing = routesOf(oort).filter(({ operation }) => operation.method !== 'GET')
/** Routes that programs of others call: what they send is signed, and no cookie counts. */
const signed = ['POST /webhooks/payments']

let victim: Person
beforeAll(async () => {
  victim = await lab.person()
  await scopeOf(oort.platform, victim.userId).write((tx) =>
    tx.updateProfile({ role: 'admin' }, { type: 'user.role_changed', role: 'admin', reason: 'test' }),
  )
})

async function writtenRows(): Promise<number[]> {
  const { read } = insideOf(oort.platform).store
  const tables = [auditEvents, users, sessions, mailTokens]
  const counts = await Promise.all(tables.map((table) => read.select({ count: sql<number>`count(*)` }).from(table)))
  return counts.map(([row]) => row?.count ?? -1)
}

function send(route: ListedRoute, headers: OutgoingHttpHeaders, body: string | undefined, id?: string) {
  return ask(oort.origin, {
    method: route.operation.method,
    path: route.path(id),
    headers: {
      cookie: victim.browser.cookie,
      // Each from an address of its own, or the limits by address would be what answers.
      'x-forwarded-for': `10.${[...randomBytes(3)].join('.')}`,
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
}

const crossSite: readonly OutgoingHttpHeaders[] = [
  {},
  { origin: 'null' },
  { origin: 'https://evil.example' },
  { origin: 'http://oort.test' },
  { origin: 'https://oort.test.evil.example' },
  { origin: 'https://oort.test:8443' },
  { referer: 'https://oort.test/' },
  { 'sec-fetch-site': 'cross-site', origin: 'https://oort.test' },
  { 'sec-fetch-site': 'same-site', origin: 'https://oort.test' },
  { 'sec-fetch-site': 'none', origin: 'https://oort.test' },
  { 'sec-fetch-site': '' },
  { 'sec-fetch-site': ['same-origin', 'cross-site'] },
  { authorization: 'Basic b29ydDpvb3J0' },
]

const otherTypes = [
  'text/plain',
  'text/plain;application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/csp-report',
]

describe('S4 a request from another site is refused and nothing is written', () => {
  test.each(changing.map((route) => [route.name, route] as const))('%s', async (name, route) => {
    const before = await writtenRows()
    const body = JSON.stringify(route.body ?? {})
    for (const headers of crossSite) {
      const { status, text } = await send(route, { 'content-type': 'application/json', ...headers }, body)
      const refusal = signed.includes(name) ? 'SIGNATURE_REFUSED' : 'CROSS_SITE_REFUSED'
      expect([status, JSON.parse(text)]).toMatchObject([catalogue[refusal].status, { code: refusal }])
    }
    const own = { origin: oort.publicUrl, 'sec-fetch-site': 'same-origin' }
    for (const type of otherTypes) {
      const { status } = await send(route, { ...own, 'content-type': type }, body)
      expect([type, status]).toEqual([type, 415])
    }
    expect((await send(route, own, body)).status).toBe(415)
    expect(await writtenRows()).toEqual(before)
  })
})

test('S4 a request of our own pages passes by either header', async () => {
  for (const headers of [{ origin: oort.publicUrl }, { 'sec-fetch-site': 'same-origin' }]) {
    const answer = await ask(oort.origin, {
      method: 'POST',
      path: '/api/api-keys',
      headers: { cookie: victim.browser.cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ name: 'mine', scopes: ['runs:read'] }),
    })
    expect(answer.status).toBe(201)
  }
})

test('S4 no answer invites other origins', async () => {
  const asked = {
    origin: 'https://evil.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  }
  for (const { path } of routesOf(oort)) {
    const { status, headers } = await ask(oort.origin, { method: 'OPTIONS', path: path(), headers: asked })
    expect(status).toBe(405)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
  }
})
