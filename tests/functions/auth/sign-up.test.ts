import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enrolAccount } from '../../../core/accounts/enrol-account.ts'
import { day, hour } from '../../../core/clock.ts'
import { hashPassword } from '../../../core/crypto/passwords.ts'
import { sessions } from '../../../core/store/schema.ts'
import { whileNothingIsWritten } from '../../support/behind-the-store.ts'
import { linkIn } from '../../support/mail-server.ts'
import { median } from '../../support/median.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, actionsOf, codeOf, freshAddress, freshEmail, openLab } from './lab.ts'

const other = 'another long and quiet passphrase'

describe('signing up with a mail server', () => {
  let lab: AuthLab
  beforeAll(async () => {
    lab = await openLab()
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  const signUp = async (email: string, chosen = password) => {
    const answer = await lab.oort.browser().post('/api/auth/sign-up', { email, password: chosen }, freshAddress())
    await lab.settled()
    return answer
  }
  const signIn = (email: string, given = password) =>
    lab.oort.browser().post('/api/auth/sign-in', { email, password: given }, freshAddress())
  const verify = (token: string, given = password) =>
    lab.oort.browser().post('/api/auth/verify-email', { token, password: given }, freshAddress())

  test('opens the account only after the mailed link and the password', async () => {
    const email = freshEmail()
    const answer = await signUp(email)
    expect([answer.status, answer.json()]).toEqual([202, { status: 'verification_sent' }])
    expect(answer.headers.getSetCookie()).toEqual([])
    const refused = await signIn(email)
    expect(codeOf(refused)).toBe('401 CREDENTIALS_REFUSED')

    const { url, token } = linkIn(lab.mail.newestTo(email))
    expect(url.startsWith(`${lab.oort.publicUrl}/verify-email#token=`)).toBe(true)
    const verified = await verify(token)
    expect([verified.status, verified.json()]).toEqual([200, { status: 'verified' }])

    const browser = lab.oort.browser()
    expect((await browser.post('/api/auth/sign-in', { email, password }, freshAddress())).status).toBe(200)
    expect((await browser.get('/api/auth/me')).json()).toMatchObject({ email, emailVerified: true })
    expect(await actionsOf(browser)).toEqual([
      'user.signed_up',
      'mail_token.issued',
      'session.refused',
      'mail_token.used',
      'user.email_verified',
      'device.noted',
      'session.started',
    ])
  })

  test('answers an address that has an account exactly like a new one, and mails its owner', async () => {
    const email = freshEmail()
    const owner = await lab.oort.signedIn(email)
    const known = await signUp(email.toUpperCase(), other)
    const unknown = await signUp(freshEmail(), other)
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text])
    expect([...known.headers.keys()]).toEqual([...unknown.headers.keys()])
    const mail = lab.mail.newestTo(email)
    expect(mail.subject).toBe('You have an account already')
    expect(mail.text).not.toContain('#token=')
    expect(codeOf(await signIn(email, other))).toBe('401 CREDENTIALS_REFUSED')
    expect((await signIn(email)).status).toBe(200)
    expect(await actionsOf(owner)).toContain('user.sign_up_repeated')
  })

  test('replaces no password of an account that was in use before there was a mail server', async () => {
    const email = freshEmail()
    const { platform } = lab.oort
    const account = { email, passwordHash: await hashPassword(password), emailVerifiedAt: null }
    const scope = await enrolAccount(platform, account, 'req_test')
    await scope.write(async (tx) => {
      const seen = { authenticatedAt: platform.clock(), lastSeenAt: platform.clock() }
      await tx.insert(sessions, { device: 'Firefox', ...seen }, { type: 'session.started', method: 'sign_up' })
    })
    expect((await signUp(email, other)).status).toBe(202)
    await lab.settled()
    expect(await scope.passwordHash()).toBe(account.passwordHash)
    const { token } = linkIn(lab.mail.newestTo(email))
    const verified = await lab.oort.browser().post('/api/auth/verify-email', { token, password }, freshAddress())
    expect(verified.status).toBe(200)
  })

  test('answers both in the same time, within noise', async () => {
    const { email: known } = await lab.oort.signedIn()
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
    for (let tries = 0; tries < 30; tries += 1) {
      // The limit on mail to one address is not what this is about.
      if (tries % 5 === 4) lab.pass(hour)
      const order = tries % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
      for (const kind of order) {
        const body = { email: kind === 'known' ? known : freshEmail(), password: other }
        const started = performance.now()
        const answer = await lab.oort.browser().post('/api/auth/sign-up', body, freshAddress())
        times[kind].push(performance.now() - started)
        expect(answer.status).toBe(202)
        await lab.settled()
      }
    }
    const ratio = median(times.unknown) / median(times.known)
    expect(ratio).toBeGreaterThan(0.7)
    expect(ratio).toBeLessThan(1.4)
  }, 120_000)

  test('refuses before verification exactly like a wrong password, byte for byte', async () => {
    const email = freshEmail()
    await signUp(email)
    const withoutIds = (text: string) => text.replace(/req_[0-9a-f-]+/, '')
    const unverified = await signIn(email)
    const wrong = await signIn(email, other)
    const unknown = await signIn(freshEmail())
    expect(withoutIds(unverified.text)).toBe(withoutIds(wrong.text))
    expect(withoutIds(unverified.text)).toBe(withoutIds(unknown.text))
  })

  test("gives a stranger's click to nobody who signed up with the stranger's address", async () => {
    const email = freshEmail()
    await signUp(email, other)
    const attackers = linkIn(lab.mail.newestTo(email)).token
    expect(codeOf(await verify(attackers, password))).toBe('401 CREDENTIALS_REFUSED')

    await signUp(email, password)
    const owners = linkIn(lab.mail.newestTo(email)).token
    expect(owners).not.toBe(attackers)
    expect(codeOf(await verify(attackers, other))).toBe('410 LINK_INVALID')
    expect(codeOf(await verify(owners, other))).toBe('401 CREDENTIALS_REFUSED')
    expect((await verify(owners, password)).status).toBe(200)
    expect(codeOf(await signIn(email, other))).toBe('401 CREDENTIALS_REFUSED')
    expect((await signIn(email, password)).status).toBe(200)
  })

  test('refuses a link that was used, has expired, was withdrawn or is for another purpose', async () => {
    const email = freshEmail()
    await signUp(email)
    const first = linkIn(lab.mail.newestTo(email)).token
    await lab.oort.browser().post('/api/auth/request-verification', { email }, freshAddress())
    await lab.settled()
    const second = linkIn(lab.mail.newestTo(email)).token
    expect(codeOf(await verify(first))).toBe('410 LINK_INVALID')

    await lab.oort.browser().post('/api/auth/request-password-reset', { email }, freshAddress())
    await lab.settled()
    const reset = linkIn(lab.mail.newestTo(email)).token
    expect(codeOf(await verify(reset))).toBe('410 LINK_INVALID')

    lab.pass(day)
    expect(codeOf(await verify(second))).toBe('410 LINK_INVALID')
    await lab.oort.browser().post('/api/auth/request-verification', { email }, freshAddress())
    await lab.settled()
    const third = linkIn(lab.mail.newestTo(email)).token
    lab.pass(day - 5_000)
    expect((await verify(third)).status).toBe(200)
    expect(codeOf(await verify(third))).toBe('410 LINK_INVALID')
  })

  test('uses a link once, when two requests race for it', async () => {
    const email = freshEmail()
    await signUp(email)
    const { token } = linkIn(lab.mail.newestTo(email))
    const answers = await Promise.all([verify(token), verify(token)])
    expect(answers.map(codeOf).sort()).toEqual(['200', '410 LINK_INVALID'])
  })

  test('makes one account of two requests that race, and tells neither', async () => {
    const email = freshEmail()
    const { racing } = await whileNothingIsWritten(lab.oort.platform, async () => {
      const body = { email, password }
      const requests = Array.from({ length: 3 }, () =>
        lab.oort.browser().post('/api/auth/sign-up', body, freshAddress()),
      )
      await sleep(500)
      return { racing: requests }
    })
    const answers = await Promise.all(racing)
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202])
    await lab.settled()
    expect((await verify(linkIn(lab.mail.newestTo(email)).token)).status).toBe(200)
  })

  test('P1 refuses passwords that are short, common or made of the address', async () => {
    expect(codeOf(await signUp(freshEmail(), 'fourteen chars'))).toBe('422 PASSWORD_TOO_SHORT')
    expect(codeOf(await signUp(freshEmail(), 'passwordpassword'))).toBe('422 PASSWORD_TOO_COMMON')
    expect(codeOf(await signUp('a.long.local.part@example.com', 'a.long.local.part'))).toBe('422 PASSWORD_TOO_COMMON')
  })

  test('sends a new link to nobody who is verified or unknown, and answers all alike', async () => {
    const verified = freshEmail()
    const unknown = freshEmail()
    await lab.oort.signedIn(verified)
    const answers = await Promise.all(
      [verified, unknown].map((email) =>
        lab.oort.browser().post('/api/auth/request-verification', { email }, freshAddress()),
      ),
    )
    await lab.settled()
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [202, '{"status":"accepted"}'],
      [202, '{"status":"accepted"}'],
    ])
    expect(lab.mail.messages.filter(({ to }) => to.includes(verified) || to.includes(unknown))).toEqual([])
  })

  test('limits mail to one address, whether it has an account or not', async () => {
    for (const email of [freshEmail(), (await lab.oort.signedIn()).email]) {
      const answers: string[] = []
      for (let tries = 0; tries < 6; tries += 1) answers.push(codeOf(await signUp(email)))
      expect(answers).toEqual([...Array(5).fill('202'), '429 RATE_LIMITED'])
      expect(lab.mail.messages.filter(({ to }) => to.includes(email))).toHaveLength(5)
    }
  })

  test('D3 leaves no address, password or token in the log', async () => {
    const email = freshEmail()
    await signUp(email)
    const { token } = linkIn(lab.mail.newestTo(email))
    await verify(token)
    const log = lab.oort.log()
    expect(log).toContain('/api/auth/verify-email')
    for (const secret of [email, password, token]) expect(log).not.toContain(secret)
  })
})

describe('signing up without a mail server', () => {
  let lab: AuthLab
  beforeAll(async () => {
    lab = await openLab({ smtp: false })
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  test('signs in at once, with an address that counts as unverified', async () => {
    const email = freshEmail()
    const browser = lab.oort.browser()
    const answer = await browser.post('/api/auth/sign-up', { email, password })
    expect([answer.status, answer.json()]).toEqual([201, { status: 'signed_in' }])
    expect((await browser.get('/api/auth/me')).json()).toMatchObject({ email, emailVerified: false, role: 'user' })
    expect(await actionsOf(browser)).toEqual(['user.signed_up', 'device.noted', 'session.started'])
    expect((await lab.oort.browser().post('/api/auth/sign-in', { email, password })).status).toBe(200)
    expect(codeOf(await browser.post('/api/auth/sign-up', { email, password }))).toBe('409 CONFLICT')
  })

  test('answers a request for a link all the same, and the log tells the operator why none comes', async () => {
    const { email } = await lab.oort.signedIn()
    const answer = await lab.oort.browser().post('/api/auth/request-password-reset', { email })
    expect([answer.status, answer.json()]).toEqual([202, { status: 'accepted' }])
    expect(lab.oort.log()).toContain('SMTP_URL is not set: none was sent')
    expect(lab.oort.log()).not.toContain(email)
  })
})
