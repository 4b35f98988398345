import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { day } from '../../core/clock.ts'
import { insideOf } from '../../core/platform.ts'
import { createAdminScope } from '../../core/scope/admin-scope.ts'
import { tokenScopes } from '../../core/session/token-scopes.ts'
import { type Lab, openLab, type Person } from '../functions/runs/lab.ts'
import { ask, withoutRequestId } from '../support/http.ts'
import { password } from '../support/oort.ts'
import { scopeOf } from '../support/seed.ts'
import { everythingOn, type ListedRoute, routes, routesOf } from './route-table.ts'

let ahead = 0
const clock = () => Date.now() + ahead
const lab: Lab = await openLab({ oort: { clock, env: everythingOn } })
afterAll(() => lab[Symbol.asyncDispose]())

const { oort } = lab
const all = routesOf(oort)
const closed = all.filter(({ operation }) => operation.access !== 'public')
const forPrograms = closed.filter(({ operation }) => tokenScopes.some((scope) => scope === operation.access))
const forAdmins = all.filter(({ operation }) => operation.access === 'admin')
const withRecords = closed.filter(({ record }) => record !== undefined)
const named = (list: readonly ListedRoute[]) => list.map((route) => [route.name, route] as const)

/** A request as a page of our own site sends it. */
function send({ operation, path, body }: ListedRoute, headers: Readonly<Record<string, string>>, id?: string) {
  return ask(oort.origin, {
    method: operation.method,
    path: path(id),
    headers: {
      'sec-fetch-site': 'same-origin',
      ...(operation.schema.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(operation.schema.body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

const codeOf = ({ status, text }: { readonly status: number; readonly text: string }) => [
  status,
  (JSON.parse(text) as { code: string }).code,
]

async function promote({ userId }: Person, role: 'admin' | 'user'): Promise<void> {
  await scopeOf(oort.platform, userId).write((tx) =>
    tx.updateProfile({ role }, { type: 'user.role_changed', role, reason: 'test' }),
  )
}

test('Z1 the table lists every route and no other', () => {
  expect(Object.keys(routes).sort()).toEqual(all.map(({ name }) => name).sort())
})

describe('Z1 who is nobody gets 401', () => {
  let deleted: Person
  let suspended: Person
  /** Whose epoch did not rise: what suspension takes away must not hang on that alone. */
  let frozen: Person
  beforeAll(async () => {
    ;[deleted, suspended, frozen] = await Promise.all([lab.person(), lab.person(), lab.person()])
    const admin = await lab.person()
    const answer = await deleted.browser.copy().send('DELETE', '/api/auth/account', { body: { password } })
    expect(answer.status).toBe(200)
    await promote(admin, 'admin')
    const scope = await createAdminScope(insideOf(oort.platform), admin.userId, 'req_test')
    await scope.suspend(suspended.userId, 'test')
    await promote(admin, 'user')
    await scopeOf(oort.platform, frozen.userId).write((tx) =>
      tx.updateProfile({ status: 'suspended' }, { type: 'user.suspended', reason: 'test' }),
    )
  })

  test.each(named(closed))('%s', async (_name, route) => {
    expect(codeOf(await send(route, {}))).toEqual([401, 'UNAUTHENTICATED'])
    for (const { browser } of [deleted, suspended, frozen]) {
      expect(codeOf(await send(route, { cookie: browser.cookie }))).toEqual([401, 'UNAUTHENTICATED'])
    }
    expect(codeOf(await send(route, { authorization: `Bearer ${deleted.token}` }))).toEqual([401, 'UNAUTHENTICATED'])
    expect(codeOf(await send(route, { 'x-api-key': suspended.token }))).toEqual([403, 'ACCOUNT_SUSPENDED'])
    for (const junk of ['', 'oort_', 'Bearer', `${deleted.token} ${suspended.token}`]) {
      expect(codeOf(await send(route, { authorization: `Bearer ${junk}` }))).toEqual([401, 'UNAUTHENTICATED'])
    }
  })
})

describe('Z1 an API key that is malformed is not passed over for a cookie', () => {
  test.each(named(closed))('%s', async (_name, route) => {
    const { browser } = await lab.person([])
    const answer = await send(route, { cookie: browser.cookie, authorization: 'Bearer oort_nonsense' })
    expect(codeOf(answer)).toEqual([401, 'UNAUTHENTICATED'])
  })
})

describe('Z1 an API key opens what its scopes name', () => {
  test.each(named(closed))('%s', async (_name, route) => {
    const { token } = await lab.person([])
    const none = await lab.person([])
    const { access } = route.operation
    const answer = await send(route, { authorization: `bearer ${token}` })
    if (forPrograms.includes(route)) expect([401, 403]).not.toContain(answer.status)
    else expect(codeOf(answer)).toEqual([403, 'FORBIDDEN'])
    const { token: narrow } = (
      await none.browser.post('/api/api-keys', {
        name: 'narrow',
        scopes: tokenScopes.filter((scope) => scope !== access).slice(0, 1),
      })
    ).json<{ token: string }>()
    expect((await send(route, { 'x-api-key': narrow })).status).toBe(403)
  })
})

describe('Z1 a foreign record answers exactly like a missing one, and stays', () => {
  test.each(named(withRecords))('%s', async (_name, route) => {
    const [owner, other] = await Promise.all([lab.person(), lab.person()])
    const id = (await route.record?.(oort, owner)) ?? ''
    const { cookie } = other.browser
    const foreign = await send(route, { cookie }, id)
    const missing = await send(route, { cookie })
    expect(codeOf(foreign)).toEqual([404, 'NOT_FOUND'])
    expect(withoutRequestId(foreign)).toEqual(withoutRequestId(missing))
    // Else all this would hold for an id that is wrong for everybody.
    expect((await send(route, { cookie: owner.browser.cookie }, id)).status).not.toBe(404)
  })
})

describe('Z1 an id of another kind is no id', () => {
  test.each(named(closed.filter(({ missing }) => missing !== undefined)))('%s', async (_name, route) => {
    const person = await lab.person([])
    await promote(person, 'admin')
    for (const id of ['1', 'usr_', '%27%20OR%201=1', encodeURIComponent(route.missing?.().toUpperCase() ?? '')]) {
      expect(codeOf(await send(route, { cookie: person.browser.cookie }, id))).toEqual([400, 'BODY_INVALID'])
    }
  })
})

describe('Z2 a role that was taken away is gone at the next request, with the old cookie too', () => {
  test.each(named(forAdmins))('%s', async (_name, route) => {
    const person = await lab.person([])
    const { cookie } = person.browser
    expect(codeOf(await send(route, { cookie }))).toEqual([403, 'FORBIDDEN'])
    await promote(person, 'admin')
    expect([401, 403]).not.toContain((await send(route, { cookie })).status)
    expect(codeOf(await send(route, { authorization: `Bearer ${person.token}` }))).toEqual([403, 'FORBIDDEN'])
    await promote(person, 'user')
    expect(codeOf(await send(route, { cookie }))).toEqual([403, 'FORBIDDEN'])
  })

  test('there are such routes', () => {
    expect(forAdmins).not.toEqual([])
  })
})

// Last: it moves the time for all.
describe('Z1 an expired session gets 401', () => {
  let cookie: string
  beforeAll(async () => {
    ;({ cookie } = (await lab.person([])).browser)
    ahead = 15 * day
  })

  test.each(named(closed))('%s', async (_name, route) => {
    expect(codeOf(await send(route, { cookie }))).toEqual([401, 'UNAUTHENTICATED'])
  })
})
