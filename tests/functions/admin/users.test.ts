import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minute } from '../../../core/clock.ts'
import { newId } from '../../../core/ids.ts'
import { password } from '../../support/oort.ts'
import { scopeOf } from '../../support/seed.ts'
import { type Lab, openLab, type Person } from '../runs/lab.ts'
import { act, administrator, codeOf, type Overview } from './lab.ts'

let ahead = 0
let lab: Lab
let admin: Person
beforeAll(async () => {
  lab = await openLab({ oort: { clock: () => Date.now() + ahead } })
  admin = await administrator(lab)
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Page {
  readonly users: readonly Overview[]
  readonly nextCursor: string | null
}

const list = async (query = ''): Promise<Page> => (await admin.browser.get(`/api/admin/users?${query}`)).json<Page>()
const idsOf = ({ users }: Page) => users.map(({ id }) => id)
const lookAt = async ({ userId }: Person) =>
  (await admin.browser.get(`/api/admin/users/${userId}`)).json<Overview & Record<string, unknown>>()

describe('accounts', () => {
  test('come in pages, each once, newest first', async () => {
    await Promise.all([1, 2, 3, 4].map(() => lab.person([])))
    const whole = idsOf(await list('limit=100'))
    expect(whole).toEqual(whole.toSorted().reverse())
    const paged: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await list(`limit=2${cursor && `&cursor=${cursor}`}`)
      expect(page.users.length).toBeLessThanOrEqual(2)
      paged.push(...idsOf(page))
      cursor = page.nextCursor
    }
    expect(paged).toEqual(whole)
  })

  test('are found by role and by status', async () => {
    const person = await lab.person([])
    await act(admin, person, 'suspend', { reason: 'test' })
    const [admins, suspended] = [await list('role=admin'), await list('status=suspended')]
    expect(idsOf(admins)).toEqual([admin.userId])
    expect(idsOf(suspended)).toEqual([person.userId])
    expect(idsOf(await list('role=user&status=suspended'))).toEqual([person.userId])
    expect(idsOf(await list('role=admin&status=suspended'))).toEqual([])
    expect(idsOf(await list('role=user&status=active&limit=100'))).not.toContain(person.userId)
    expect(codeOf(await admin.browser.get('/api/admin/users?role=owner'))).toBe('400 BODY_INVALID')
  })

  test('are found by their id, and by their whole address alone, however it is written', async () => {
    const browser = await lab.oort.signedIn('Zoe.Canary@example.com'.toLowerCase())
    const { id: userId } = (await browser.get('/api/auth/me')).json<{ id: string }>()
    const byAddress = await admin.browser.get('/api/admin/users?query=%20zoe.CANARY@example.com')
    expect(idsOf(byAddress.json())).toEqual([userId])
    expect(byAddress.text.toLowerCase()).not.toContain('canary')
    expect(idsOf(await list(`query=${userId}`))).toEqual([userId])
    expect(idsOf(await list(`query=${userId}&status=suspended`))).toEqual([])
    expect(idsOf(await list('query=canary@example.com'))).toEqual([])
    for (const part of ['zoe', '@example.com', '%25@example.com', newId('run')]) {
      const refused = await admin.browser.get(`/api/admin/users?query=${part}`)
      expect(codeOf(refused)).toBe('400 BODY_INVALID')
    }
    expect(lab.oort.log().toLowerCase()).not.toContain('canary')
  })

  test('are told in numbers, and nothing else of them', async () => {
    const person = await lab.person()
    expect((await person.browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'x', stream: false })).status).toBe(200)
    const facts = await lookAt(person)
    expect(facts).toEqual({
      id: person.userId,
      role: 'user',
      status: 'active',
      emailVerifiedAt: facts['emailVerifiedAt'],
      createdAt: facts.createdAt,
      lastSeenAt: expect.any(Number),
      secondFactor: false,
      plan: 'unlimited',
      runs: 1,
      providerKeys: 3,
      apiKeys: 1,
      sessions: 1,
      passkeys: 0,
    })
    expect((await list(`query=${person.userId}`)).users).toEqual([facts])
    expect(codeOf(await admin.browser.get(`/api/admin/users/${newId('user')}`))).toBe('404 NOT_FOUND')
  })
})

describe('S1 a suspension', () => {
  test('holds at once: for sessions, API keys and runs under way', async () => {
    const person = await lab.person()
    lab.emulator.script('openai', 'silence')
    const headers = { authorization: `Bearer ${person.token}` }
    const run = { model: 'gpt-5.4', prompt: 'x', stream: false }
    const seen = lab.emulator.requests.length
    const underWay = person.browser.post('/api/runs', run, headers)
    await expect.poll(() => lab.emulator.requests.length).toBe(seen + 1)

    const suspended = await act(admin, person, 'suspend', { reason: 'abuse' })
    expect([suspended.status, suspended.json()]).toMatchObject([200, { status: 'suspended', sessions: 0 }])
    expect(codeOf(await underWay)).toBe('409 RUN_CANCELLED')
    expect(codeOf(await person.browser.get('/api/auth/me'))).toBe('401 UNAUTHENTICATED')
    expect(codeOf(await person.browser.post('/api/runs', run, headers))).toBe('403 ACCOUNT_SUSPENDED')
    expect(codeOf(await act(admin, person, 'suspend', { reason: 'abuse' }))).toBe('409 CONFLICT')
  })

  test('stands in the chain of the suspended, with its reason and the administrator as actor', async () => {
    const person = await lab.person([])
    await act(admin, person, 'suspend', { reason: 'security' })
    await act(admin, person, 'unsuspend', { reason: 'mistake' })
    const chain = await scopeOf(lab.oort.platform, person.userId).audit({ limit: 3 })
    expect(chain.map(({ action, actorKind, detail }) => [action, actorKind, detail])).toEqual([
      ['user.unsuspended', 'admin', { reason: 'mistake' }],
      ['user.suspended', 'admin', { reason: 'security' }],
      ['session.ended', 'admin', { by: 'revocation' }],
    ])
  })

  test('ends: the owner signs in again, and the old cookie stays dead', async () => {
    const person = await lab.person([])
    const { email } = person.browser as typeof person.browser & { readonly email: string }
    const old = person.browser.copy()
    await act(admin, person, 'suspend', { reason: 'abuse' })
    expect(codeOf(await act(admin, person, 'unsuspend', { reason: 'mistake' }))).toBe('200')
    expect(codeOf(await act(admin, person, 'unsuspend', { reason: 'mistake' }))).toBe('409 CONFLICT')
    expect((await lab.oort.browser().post('/api/auth/sign-in', { email, password })).status).toBe(200)
    expect(codeOf(await old.get('/api/auth/me'))).toBe('401 UNAUTHENTICATED')
  })
})

test('S1 a sign-out by an administrator ends every session, and leaves API keys alone', async () => {
  const person = await lab.person()
  const signedOut = await act(admin, person, 'sign-out', { reason: 'user_request' })
  expect([signedOut.status, signedOut.json()]).toMatchObject([200, { status: 'active', sessions: 0 }])
  expect(codeOf(await person.browser.get('/api/auth/me'))).toBe('401 UNAUTHENTICATED')
  expect((await lab.oort.browser().get('/api/runs', { 'x-api-key': person.token })).status).toBe(200)
  const [last] = await scopeOf(lab.oort.platform, person.userId).audit({ limit: 1 })
  expect(last).toMatchObject({
    action: 'user.sessions_ended',
    actorKind: 'admin',
    detail: { reason: 'user_request' },
  })
})

test('Z2 a role holds from the next request on, given or taken', async () => {
  const person = await lab.person([])
  expect(codeOf(await person.browser.get('/api/admin/users'))).toBe('403 FORBIDDEN')
  expect(codeOf(await act(admin, person, 'role', { role: 'admin', reason: 'staffing' }))).toBe('200')
  expect((await person.browser.get('/api/admin/users')).status).toBe(200)
  expect(codeOf(await act(admin, person, 'role', { role: 'admin', reason: 'staffing' }))).toBe('409 CONFLICT')
  expect(codeOf(await act(admin, person, 'role', { role: 'user', reason: 'staffing' }))).toBe('200')
  expect(codeOf(await person.browser.get('/api/admin/users'))).toBe('403 FORBIDDEN')
})

describe('what is asked for', () => {
  const acts = { suspend: {}, unsuspend: {}, 'sign-out': {}, role: { role: 'admin' } }

  test.each(Object.entries(acts))('%s takes a reason of the list, and an account', async (what, body) => {
    const person = await lab.person([])
    for (const reason of [undefined, '', 'because of Jo', null, ['abuse']]) {
      expect(codeOf(await act(admin, person, what, { ...body, reason }))).toBe('400 BODY_INVALID')
    }
    const nobody = { ...person, userId: newId('user') }
    expect(codeOf(await act(admin, nobody, what, { ...body, reason: 'test' }))).toBe('404 NOT_FOUND')
    expect(await lookAt(person)).toMatchObject({ role: 'user', status: 'active', sessions: 1 })
  })

  // Last: it moves the time for all.
  test('to suspend and to set a role take a password of the last 15 minutes', async () => {
    const person = await lab.person([])
    ahead += 15 * minute + 1_000
    const suspend = () => act(admin, person, 'suspend', { reason: 'test' })
    const promote = () => act(admin, person, 'role', { role: 'admin', reason: 'test' })
    expect(codeOf(await suspend())).toBe('403 REAUTHENTICATION_REQUIRED')
    expect(codeOf(await promote())).toBe('403 REAUTHENTICATION_REQUIRED')
    expect(await lookAt(person)).toMatchObject({ role: 'user', status: 'active' })
    expect((await admin.browser.post('/api/auth/reauthenticate', { password })).status).toBe(200)
    expect([codeOf(await promote()), codeOf(await suspend())]).toEqual(['200', '200'])
  })
})
