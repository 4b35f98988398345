import { afterAll, beforeAll, expect, test } from 'vitest'
import { day, minute } from '../../../core/clock.ts'
import { insideOf } from '../../../core/platform.ts'
import { knownDevices } from '../../../core/store/schema.ts'
import type { Browser } from '../../support/browser.ts'
import { linkIn } from '../../support/mail-server.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, accountOf, actionsOf, freshAddress, freshEmail, openLab } from './lab.ts'
import { addPasskey, authenticator, signInBy } from './passkey-lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0' }

async function signIn(email: string, browser: Browser = lab.oort.browser(), given = password): Promise<Browser> {
  const body = { email, password: given }
  const answer = await browser.post('/api/auth/sign-in', body, { ...freshAddress(), ...firefox })
  expect(answer.status).toBe(200)
  return browser
}

/** The notices of new browsers that went to an address. */
async function noticesTo(email: string): Promise<string[]> {
  await lab.settled()
  const found = lab.mail.messages.filter(({ to, subject }) => to.includes(email) && subject.includes('new browser'))
  return found.map(({ text }) => text)
}

const devicesOf = async (email: string) => (await accountOf(lab, email)).scope.count(knownDevices)

test('a sign-in from a browser that the account was not used from is told: which, when, and no token', async () => {
  const { email } = await lab.oort.signedIn()
  expect(await noticesTo(email)).toEqual([])
  const known = await signIn(email)
  const [notice, ...others] = await noticesTo(email)
  expect(others).toEqual([])
  expect(notice).toContain('Firefox on Linux, ')
  expect(notice).toContain(`${new Date(lab.oort.platform.clock()).toISOString().slice(0, 10)} `)
  expect(notice).not.toContain('token')

  await known.post('/api/auth/sign-out')
  lab.pass(300 * day)
  await signIn(email, known)
  lab.pass(300 * day)
  await signIn(email, known)
  expect(await noticesTo(email)).toHaveLength(1)
  expect(await devicesOf(email)).toBe(2)
})

test('a passkey is no exception', async () => {
  const owner = await lab.oort.signedIn()
  const device = authenticator(lab)
  await addPasskey(owner, device)
  const browser = lab.oort.browser()
  await signInBy(browser, device)
  await signInBy(browser, device)
  expect(await noticesTo(owner.email)).toHaveLength(1)
})

test('signing up makes the first one known', async () => {
  const email = freshEmail()
  await lab.oort.browser().post('/api/auth/sign-up', { email, password }, freshAddress())
  await lab.settled()
  const { token } = linkIn(lab.mail.newestTo(email))
  await lab.oort.browser().post('/api/auth/verify-email', { token, password }, freshAddress())
  await signIn(email)
  expect(await noticesTo(email)).toEqual([])
  await signIn(email)
  expect(await noticesTo(email)).toHaveLength(1)
})

test('the cookie is bound to this host and TLS, is out of reach of scripts, and lasts a year', async () => {
  const { email } = await lab.oort.signedIn()
  const answer = await lab.oort.browser().post('/api/auth/sign-in', { email, password }, freshAddress())
  const line = answer.headers.getSetCookie().find((each) => each.startsWith('__Host-oort-device=')) ?? ''
  const [pair = '', ...attributes] = line.split('; ')
  expect(pair).toMatch(/^__Host-oort-device=[\w-]{43}$/)
  expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=31536000', 'Path=/', 'SameSite=Lax', 'Secure'])
})

test.each(['', 'x'.repeat(43), `${'A'.repeat(42)}!`, 'A'.repeat(4_000)])(
  'a cookie that is not ours makes no browser known, and signs nobody in: %s',
  async (value) => {
    const { email } = await lab.oort.signedIn()
    const cookie = `__Host-oort-device=${value}`
    const answer = await lab.oort
      .browser()
      .post('/api/auth/sign-in', { email, password }, { ...freshAddress(), cookie })
    expect(answer.status).toBe(200)
    const kept = answer.headers.getSetCookie().find((line) => line.startsWith('__Host-oort-device='))
    expect(kept).toMatch(/^__Host-oort-device=[\w-]{43};/)
    expect(await noticesTo(email)).toHaveLength(1)
    expect((await lab.oort.browser().get('/api/auth/me', { cookie })).status).toBe(401)
  },
)

test('two accounts in one browser share nothing that the database shows', async () => {
  const [first, second] = [await lab.oort.signedIn(), freshEmail()]
  await lab.oort.signedIn(second)
  await signIn(second, first)
  expect(await noticesTo(second)).toHaveLength(1)
  await signIn(first.email, first)
  expect(await noticesTo(first.email)).toEqual([])
  const rows = await insideOf(lab.oort.platform).store.read.select({ hash: knownDevices.hash }).from(knownDevices)
  expect(new Set(rows.map(({ hash }) => hash.toString('hex'))).size).toBe(rows.length)
})

test('a changed password forgets every browser but this one, a reset all but the one that asked', async () => {
  const owner = await lab.oort.signedIn()
  const other = await signIn(owner.email)
  const newPassword = 'a third and rather long phrase'
  await owner.post('/api/auth/change-password', { currentPassword: password, newPassword })
  expect(await devicesOf(owner.email)).toBe(1)
  await signIn(owner.email, owner, newPassword)
  expect(await noticesTo(owner.email)).toHaveLength(1)
  await signIn(owner.email, other, newPassword)
  expect(await noticesTo(owner.email)).toHaveLength(2)

  await lab.oort.browser().post('/api/auth/request-password-reset', { email: owner.email }, freshAddress())
  await lab.settled()
  const { token } = linkIn(lab.mail.newestTo(owner.email))
  await lab.oort.browser().post('/api/auth/reset-password', { token, newPassword: password }, freshAddress())
  expect(await devicesOf(owner.email)).toBe(0)
  await signIn(owner.email, other)
  expect(await noticesTo(owner.email)).toHaveLength(3)
})

test('fifty browsers are remembered: the one that was not seen for longest makes room', async () => {
  const owner = await lab.oort.signedIn()
  const oldest = await signIn(owner.email)
  for (let count = 0; count < 49; count += 1) {
    lab.pass(minute)
    if (count === 1) await signIn(owner.email, owner)
    await signIn(owner.email)
  }
  expect(await devicesOf(owner.email)).toBe(50)
  expect(
    (await actionsOf(await signIn(owner.email, owner))).filter((action) => action === 'device.forgotten'),
  ).toHaveLength(1)
  const before = (await noticesTo(owner.email)).length
  await signIn(owner.email, owner)
  expect(await noticesTo(owner.email)).toHaveLength(before)
  await signIn(owner.email, oldest)
  expect(await noticesTo(owner.email)).toHaveLength(before + 1)
}, 60_000)
