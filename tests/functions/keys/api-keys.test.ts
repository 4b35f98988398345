import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { day, minute, second } from '../../../core/clock.ts'
import { hashToken, isWellFormedToken } from '../../../core/crypto/tokens.ts'
import { operation } from '../../../core/http/operation.ts'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { tokenScopes } from '../../../core/session/token-scopes.ts'
import { apiKeys } from '../../../core/store/schema.ts'
import type { Browser, ReadAnswer } from '../../support/browser.ts'
import { startOort, type TestOort } from '../../support/oort.ts'
import { type IssuedKey, issueKey, withoutRequestId } from './lab.ts'

/** Says who calls, to whoever holds the scope `runs:read`. */
const whoAmI = operation({
  method: 'GET',
  url: '/test/who-am-i',
  access: 'runs:read',
  summary: 'Who calls',
  schema: { response: { 200: z.object({ userId: z.string(), via: z.string() }) } },
  async handle({ identity: { userId, via } }, reply) {
    return reply(200, { userId, via })
  },
})

let moved = 0
let oort: TestOort
beforeAll(async () => {
  oort = await startOort({
    clock: () => Date.now() + moved,
    extra: () => ({ name: 'test', operations: [whoAmI] }),
  })
})
afterAll(() => oort.close())

function call(token: string, path = '/test/who-am-i'): Promise<ReadAnswer> {
  return oort.browser().get(path, { authorization: `Bearer ${token}` })
}

async function listed(user: Browser): Promise<Omit<IssuedKey, 'token'>[]> {
  return (await user.get('/api/api-keys')).json<{ apiKeys: IssuedKey[] }>().apiKeys
}

describe('issuing an API key', () => {
  test('T1 shows the token once and keeps its SHA-256 alone', async () => {
    const user = await oort.signedIn()
    const scopes = ['runs:read', 'models:read']
    const answer = await user.post('/api/api-keys', { name: 'nightly job', scopes, expiresInDays: 30 })
    expect(answer.status).toBe(201)
    const { token, ...rest } = answer.json<IssuedKey & { createdAt: number }>()
    expect(isWellFormedToken(token)).toBe(true)
    expect(rest).toMatchObject({ name: 'nightly job', scopes, lastFour: token.slice(-4), lastUsedAt: null })
    expect(Math.abs((rest.expiresAt ?? 0) - rest.createdAt - 30 * day)).toBeLessThan(second)
    expect(await listed(user)).toEqual([rest])

    const rows = await insideOf(oort.platform).store.read.select().from(apiKeys)
    expect(rows.find(({ id }) => id === rest.id)?.hash).toEqual(hashToken(token))
    expect(JSON.stringify(rows)).not.toContain(token)
    expect((await call(token)).status).toBe(200)
    expect(oort.log()).not.toContain(token)
  })

  test('T1 repeating the request with its Idempotency-Key makes another key: no answer with a token is kept', async () => {
    const user = await oort.signedIn()
    const issue = () =>
      user.post('/api/api-keys', { name: 'twice', scopes: ['runs:read'] }, { 'idempotency-key': 'one' })
    const [first, again] = [await issue(), await issue()]
    expect(again.json<IssuedKey>().token).not.toBe(first.json<IssuedKey>().token)
  })

  test.each([
    ['no scopes', { scopes: [] }],
    ['a scope twice', { scopes: ['runs:read', 'runs:read'] }],
    ['a scope that is none', { scopes: ['runs:read', 'admin'] }],
    ['the access of a session', { scopes: ['session'] }],
    ['a lifetime of 0 days', { expiresInDays: 0 }],
    ['a lifetime of 366 days', { expiresInDays: 366 }],
    ['a lifetime of half a day', { expiresInDays: 0.5 }],
    ['an empty name', { name: ' ' }],
    ['a name of 81 characters', { name: 'x'.repeat(81) }],
    ['a name with a line break', { name: 'a\r\nb' }],
  ])('refuses %s', async (_what, change) => {
    const user = await oort.signedIn()
    const answer = await user.post('/api/api-keys', { name: 'script', scopes: ['runs:read'], ...change })
    expect([answer.status, answer.json()['code']]).toEqual([400, 'BODY_INVALID'])
    expect(await listed(user)).toEqual([])
  })

  test('Z3 refuses any member that it does not know, and issues nothing', async () => {
    const user = await oort.signedIn()
    const member = fc.oneof(
      fc.constantFrom('role', 'userId', 'id', 'createdAt', 'expiresAt', 'hash', 'token', 'lastUsedAt'),
      fc.string({ minLength: 1 }).filter((name) => !['name', 'scopes', 'expiresInDays'].includes(name)),
    )
    await fc.assert(
      fc.asyncProperty(member, fc.jsonValue(), async (name, value) => {
        const body = { name: 'script', scopes: ['runs:read'], [name]: value }
        expect((await user.post('/api/api-keys', body)).status).toBe(400)
      }),
      { numRuns: 60 },
    )
    expect(await listed(user)).toEqual([])
  })

  test('an account holds at most 50, also when 60 are asked for at once', async () => {
    const user = await oort.signedIn()
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => user.post('/api/api-keys', { name: 'script', scopes: ['runs:read'] })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(50)
    const refused = answers.filter(({ status }) => status !== 201)
    expect(new Set(refused.map((answer) => answer.json()['code']))).toEqual(new Set(['LIMIT_REACHED']))
  })
})

describe('an API key', () => {
  test('acts for its own user, in either header that clients send', async () => {
    const user = await oort.signedIn()
    const { token } = await issueKey(user)
    const session = (await user.get('/test/who-am-i')).json()
    expect(session).toMatchObject({ via: 'session' })
    expect((await call(token)).json()).toEqual({ ...session, via: 'api_key' })
    const other = await oort.browser().get('/test/who-am-i', { 'x-api-key': token })
    expect(other.json()).toEqual({ ...session, via: 'api_key' })
  })

  test('does only what its scopes name', async () => {
    const user = await oort.signedIn()
    const { token } = await issueKey(user, { scopes: ['runs:create', 'runs:delete', 'models:read'] })
    const answer = await call(token)
    expect([answer.status, answer.json()['code']]).toEqual([403, 'SCOPE_MISSING'])
  })

  test.each([
    ['GET', '/api/keys', undefined],
    ['POST', '/api/keys', { provider: 'openai', key: 'sk-test-0123456789abcdefghij' }],
    ['GET', '/api/api-keys', undefined],
    ['POST', '/api/api-keys', { name: 'wider', scopes: ['runs:read'] }],
    ['DELETE', `/api/api-keys/${newId('apiKey')}`, undefined],
  ] as const)('with every scope may not %s %s, nor with a cookie beside it', async (method, path, body) => {
    const user = await oort.signedIn()
    const { token } = await issueKey(user, { scopes: tokenScopes })
    const headers = { authorization: `Bearer ${token}` }
    for (const browser of [oort.browser(), user]) {
      const answer = await browser.send(method, path, body === undefined ? { headers } : { headers, body })
      expect([answer.status, answer.json()['code']]).toEqual([403, 'FORBIDDEN'])
    }
    expect(await listed(user)).toHaveLength(1)
  })

  test('T1 is refused from the request after its revocation on', async () => {
    const user = await oort.signedIn()
    const { id, token } = await issueKey(user)
    expect((await call(token)).status).toBe(200)
    expect((await user.delete(`/api/api-keys/${id}`)).status).toBe(204)
    expect((await call(token)).status).toBe(401)
    expect(await listed(user)).toEqual([])
    expect((await user.delete(`/api/api-keys/${id}`)).status).toBe(404)
  })

  test('T1 is refused from the millisecond of its expiry on', async () => {
    const user = await oort.signedIn()
    const { token, expiresAt } = await issueKey(user, { expiresInDays: 1 })
    const before = moved
    try {
      moved = (expiresAt ?? 0) - Date.now() - 5 * second
      expect((await call(token)).status).toBe(200)
      moved = (expiresAt ?? 0) - Date.now()
      expect((await call(token)).status).toBe(401)
    } finally {
      moved = before
    }
  })

  test('T1 refused: no prefix, a changed character, a cut, an unknown one; each with the same bytes', async () => {
    const user = await oort.signedIn()
    const { token } = await issueKey(user)
    const changed = `${token.slice(0, 20)}${token[20] === 'x' ? 'y' : 'x'}${token.slice(21)}`
    const { id, token: unknown } = await issueKey(user)
    await user.delete(`/api/api-keys/${id}`)
    const tried = [token.slice(5), changed, token.slice(0, -1), `${token}a`, token.toUpperCase(), unknown, 'x', '']
    const answers = await Promise.all(tried.map((each) => call(each)))
    for (const answer of answers) expect(withoutRequestId(answer)).toEqual(withoutRequestId(answers[0] ?? answer))
    expect(answers[0]?.status).toBe(401)
    expect(answers[0]?.json()['code']).toBe('UNAUTHENTICATED')
  })

  test('its last use is written down at most once a minute', async () => {
    const user = await oort.signedIn()
    const { token } = await issueKey(user)
    const lastUse = async () => (await listed(user))[0]?.lastUsedAt ?? 0
    await call(token)
    const first = await lastUse()
    expect(first).toBeGreaterThan(0)
    moved += minute - 10 * second
    await call(token)
    expect(await lastUse()).toBe(first)
    moved += 10 * second
    await call(token)
    expect(await lastUse()).toBeGreaterThanOrEqual(first + minute)
  })
})

test('Z1 revoking a foreign API key answers the same bytes as for none, and revokes nothing', async () => {
  const [owner, other] = [await oort.signedIn(), await oort.signedIn()]
  const { id, token } = await issueKey(owner)
  const foreign = await other.delete(`/api/api-keys/${id}`)
  const missing = await other.delete(`/api/api-keys/${newId('apiKey')}`)
  expect(foreign.status).toBe(404)
  expect(withoutRequestId(foreign)).toEqual(withoutRequestId(missing))
  expect(await listed(other)).toEqual([])
  expect((await call(token)).status).toBe(200)
})
