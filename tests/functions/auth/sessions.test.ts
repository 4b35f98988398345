import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hour, minute, second } from '../../../core/clock.ts'
import { sessionLimits } from '../../../core/session/session-cookie.ts'
import type { Browser } from '../../support/browser.ts'
import { linkIn } from '../../support/mail-server.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, accountOf, actionsOf, administrator, codeOf, freshAddress, openLab } from './lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

type Owner = Browser & { readonly email: string }

interface Listed {
  readonly id: string
  readonly device: string
  readonly current: boolean
  readonly lastSeenAt: number
}

const listOf = async (browser: Browser) =>
  (await browser.get('/api/auth/sessions')).json<{ sessions: Listed[] }>().sessions
const signInAgain = async (owner: Owner, headers: Readonly<Record<string, string>> = {}) => {
  const browser = lab.oort.browser()
  const answer = await browser.post(
    '/api/auth/sign-in',
    { email: owner.email, password },
    { ...freshAddress(), ...headers },
  )
  expect(answer.status).toBe(200)
  return browser
}
describe('S1 a copied cookie is dead', () => {
  test.each<[string, (owner: Owner) => Promise<unknown>]>([
    ['after sign-out', (owner) => owner.post('/api/auth/sign-out')],
    ['after sign-out everywhere', (owner) => owner.post('/api/auth/sign-out-everywhere')],
    [
      'after sign-out everywhere from another browser',
      async (owner) => (await signInAgain(owner)).post('/api/auth/sign-out-everywhere'),
    ],
    [
      'after a password change',
      (owner) =>
        owner.post('/api/auth/change-password', {
          currentPassword: password,
          newPassword: 'a third and rather long phrase',
        }),
    ],
    [
      'after a password reset',
      async ({ email }) => {
        await lab.oort.browser().post('/api/auth/request-password-reset', { email }, freshAddress())
        await lab.settled()
        const { token } = linkIn(lab.mail.newestTo(email))
        const body = { token, newPassword: 'a third and rather long phrase' }
        return lab.oort.browser().post('/api/auth/reset-password', body, freshAddress())
      },
    ],
    [
      'after suspension',
      async (owner) => (await administrator(lab)).suspend((await accountOf(lab, owner.email)).userId, 'test'),
    ],
    [
      'after suspension, even when that is taken back',
      async (owner) => {
        const { userId } = await accountOf(lab, owner.email)
        const admin = await administrator(lab)
        await admin.suspend(userId, 'test')
        await admin.unsuspend(userId, 'test')
      },
    ],
    ['after account deletion', (owner) => owner.send('DELETE', '/api/auth/account', { body: { password } })],
    [
      'after its session was revoked',
      async (owner) => owner.delete(`/api/auth/sessions/${(await listOf(owner)).find(({ current }) => current)?.id}`),
    ],
  ])('%s', async (_when, end) => {
    const owner = await lab.oort.signedIn()
    const copy = owner.copy()
    expect((await copy.get('/api/auth/me')).status).toBe(200)
    await end(owner)
    expect(codeOf(await copy.get('/api/auth/me'))).toBe('401 UNAUTHENTICATED')
    expect(codeOf(await copy.post('/api/auth/sign-out'))).toBe('401 UNAUTHENTICATED')
  })

  test('and the browser that signed out has no cookie left, and the log says so', async () => {
    const owner = await lab.oort.signedIn()
    expect((await owner.post('/api/auth/sign-out')).json()).toEqual({ status: 'signed_out' })
    expect(owner.session).toBe('')
    const everywhere = await signInAgain(owner)
    await everywhere.post('/api/auth/sign-out-everywhere')
    expect(everywhere.session).toBe('')
    const actions = await actionsOf(await signInAgain(owner))
    expect(actions.filter((action) => action !== 'device.noted').slice(1)).toEqual([
      'session.started',
      'session.ended',
      'session.started',
      'user.signed_out_everywhere',
      'session.ended',
      'session.started',
    ])
  })
})

test('a page that names an account is refused where its browser has the session of another one', async () => {
  const owner = await lab.oort.signedIn()
  const { id } = (await owner.get('/api/auth/me')).json<{ id: string }>()
  expect((await owner.get('/api/auth/me', { 'oort-account': id })).status).toBe(200)
  const other = await lab.oort.signedIn()
  const key = { name: 'of another', scopes: ['runs:read'] }
  expect(codeOf(await other.post('/api/api-keys', key, { 'oort-account': id }))).toBe('409 ACCOUNT_CHANGED')
  expect((await other.get('/api/api-keys')).json()).toMatchObject({ apiKeys: [] })
})

describe('S3 the session cookie', () => {
  test('is bound to this host, TLS and HTTP, is kept from other sites, and is small', async () => {
    const { email } = await lab.oort.signedIn()
    const answer = await lab.oort.browser().post('/api/auth/sign-in', { email, password }, freshAddress())
    const [line = ''] = answer.headers.getSetCookie()
    const [pair = '', ...attributes] = line.split('; ')
    expect(pair.startsWith('__Host-oort=')).toBe(true)
    expect(line.length).toBeLessThan(1_024)
    const names = attributes.map((attribute) => attribute.split('=')[0])
    expect(attributes).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']))
    expect(names).not.toContain('Domain')
    const lifetime = Number(attributes.find((attribute) => attribute.startsWith('Max-Age='))?.slice('Max-Age='.length))
    expect(lifetime).toBeGreaterThan(0)
    expect(lifetime).toBeLessThanOrEqual(sessionLimits.absolute / second)
  })

  test('lives 12 hours without use, and no longer', async () => {
    expect(sessionLimits.idle).toBe(12 * hour)
    const owner = await lab.oort.signedIn()
    lab.pass(12 * hour - 10 * second)
    expect((await owner.get('/api/auth/me')).status).toBe(200)
    lab.pass(12 * hour - 10 * second)
    expect((await owner.get('/api/auth/me')).status).toBe(200)
    lab.pass(12 * hour)
    expect(codeOf(await owner.get('/api/auth/me'))).toBe('401 UNAUTHENTICATED')
  })

  test('lives 14 days in all, however much it is used', async () => {
    expect(sessionLimits.absolute).toBe(14 * 24 * hour)
    const owner = await lab.oort.signedIn()
    for (let hours = 0; hours < 330; hours += 11) {
      lab.pass(11 * hour)
      expect((await owner.get('/api/auth/me')).status).toBe(200)
    }
    lab.pass(6 * hour - 10 * second)
    expect((await owner.get('/api/auth/me')).status).toBe(200)
    lab.pass(10 * second)
    expect(codeOf(await owner.get('/api/auth/me'))).toBe('401 UNAUTHENTICATED')
  })
})

describe('the list of sessions', () => {
  test('names each device, marks this one, and tells nothing that a client made up', async () => {
    const owner = await lab.oort.signedIn()
    const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0' }
    const other = await signInAgain(owner, firefox)
    expect(await listOf(other)).toMatchObject([
      { device: 'Firefox on Linux', current: true },
      { device: 'Unknown device', current: false },
    ])
  })

  test('a revoked session is dead, the other lives on', async () => {
    const owner = await lab.oort.signedIn()
    const other = await signInAgain(owner)
    const id = (await listOf(owner)).find(({ current }) => !current)?.id
    const revoked = await owner.delete(`/api/auth/sessions/${id}`)
    expect([revoked.status, revoked.json()]).toEqual([200, { status: 'revoked' }])
    expect((await other.get('/api/auth/me')).status).toBe(401)
    expect((await owner.get('/api/auth/me')).status).toBe(200)
    expect((await actionsOf(owner)).at(-1)).toBe('session.ended')
  })

  test("Z1 another user's session answers byte for byte like a missing one, and lives on", async () => {
    const [owner, stranger] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
    const [foreign] = await listOf(owner)
    const missing = `${foreign?.id.slice(0, -12)}${'0'.repeat(12)}`
    const answers = await Promise.all([foreign?.id, missing].map((id) => stranger.delete(`/api/auth/sessions/${id}`)))
    const withoutIds = answers.map(({ status, text }) => [status, text.replaceAll(/req_[0-9a-f-]{36}/g, '')])
    expect(withoutIds[0]).toEqual(withoutIds[1])
    expect(answers.map(codeOf)).toEqual(Array(2).fill('404 NOT_FOUND'))
    expect((await owner.get('/api/auth/me')).status).toBe(200)
  })

  test('forgets what has expired, at the next sign-in', async () => {
    const owner = await lab.oort.signedIn()
    lab.pass(13 * hour)
    const again = await signInAgain(owner)
    expect(await listOf(again)).toHaveLength(1)
    const { entries } = (await again.get('/api/auth/audit')).json<{ entries: { detail: object }[] }>()
    expect(entries[2]?.detail).toEqual({ by: 'expiry' })
  })

  test('tells when a session was last seen, to five minutes', async () => {
    const owner = await lab.oort.signedIn()
    const [before] = await listOf(owner)
    lab.pass(6 * minute)
    await owner.get('/api/auth/me')
    const [after] = await listOf(owner)
    expect((after?.lastSeenAt ?? 0) - (before?.lastSeenAt ?? 0)).toBeGreaterThan(5 * minute)
  })
})
