import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findAccount } from '../../../core/accounts/find-account.ts'
import { hour, second } from '../../../core/clock.ts'
import { whileNothingIsWritten } from '../../support/behind-the-store.ts'
import type { Browser, ReadAnswer } from '../../support/browser.ts'
import { linkIn } from '../../support/mail-server.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, actionsOf, addTotp, codeOf, freshAddress, freshEmail, mailTo, openLab } from './lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const newPassword = 'a third and rather long phrase'

const signIn = (email: string, given: string) =>
  lab.oort.browser().post('/api/auth/sign-in', { email, password: given }, freshAddress())
const requestReset = async (email: string) => {
  const answer = await lab.oort.browser().post('/api/auth/request-password-reset', { email }, freshAddress())
  await lab.settled()
  return answer
}
const reset = (token: string, chosen = newPassword) =>
  lab.oort.browser().post('/api/auth/reset-password', { token, newPassword: chosen }, freshAddress())
const linkFor = async (email: string) => {
  await requestReset(email)
  return linkIn(lab.mail.newestTo(email)).token
}

describe('changing the password', () => {
  test('takes the current one, ends every other session, keeps this one and tells the owner', async () => {
    const owner = await lab.oort.signedIn()
    const elsewhere = lab.oort.browser()
    await elsewhere.post('/api/auth/sign-in', { email: owner.email, password }, freshAddress())
    const copy = owner.copy()

    const wrong = await owner.post('/api/auth/change-password', { currentPassword: newPassword, newPassword })
    expect(codeOf(wrong)).toBe('401 CREDENTIALS_REFUSED')
    const weak = await owner.post('/api/auth/change-password', { currentPassword: password, newPassword: 'too short' })
    expect(codeOf(weak)).toBe('422 PASSWORD_TOO_SHORT')
    const personal = await owner.post('/api/auth/change-password', {
      currentPassword: password,
      newPassword: owner.email,
    })
    expect(codeOf(personal)).toBe('422 PASSWORD_TOO_COMMON')
    expect((await elsewhere.get('/api/auth/me')).status).toBe(200)

    const changed = await owner.post('/api/auth/change-password', { currentPassword: password, newPassword })
    expect([changed.status, changed.json()]).toEqual([200, { status: 'password_changed' }])
    expect((await owner.get('/api/auth/me')).status).toBe(200)
    expect((await elsewhere.get('/api/auth/me')).status).toBe(401)
    expect((await copy.get('/api/auth/me')).status).toBe(401)
    expect(codeOf(await signIn(owner.email, password))).toBe('401 CREDENTIALS_REFUSED')
    expect((await signIn(owner.email, newPassword)).status).toBe(200)
    const actions = await actionsOf(owner)
    expect(actions.filter((action) => action === 'user.password_changed')).toHaveLength(1)
    expect(actions.filter((action) => action === 'session.ended')).toHaveLength(1)
    expect(await mailTo(lab, owner.email)).toContain('The password of your Oort account was changed')
  })

  test('of two changes that race, one is refused', async () => {
    const owner = await lab.oort.signedIn()
    const change = (chosen: string) =>
      owner.copy().post('/api/auth/change-password', { currentPassword: password, newPassword: chosen })
    const chosen = [newPassword, 'a fourth and even longer phrase']
    const answers = await Promise.all(chosen.map(change))
    expect(answers.map(codeOf).sort()).toEqual(['200', '401 UNAUTHENTICATED'])
    const winner = chosen[answers.findIndex(({ status }) => status === 200)] ?? ''
    expect((await signIn(owner.email, winner)).status).toBe(200)
  })

  test('guesses at the current password are limited', async () => {
    const owner = await lab.oort.signedIn()
    const answers: string[] = []
    for (let tries = 0; tries < 11; tries += 1) {
      answers.push(codeOf(await owner.post('/api/auth/reauthenticate', { password: newPassword })))
    }
    expect(answers).toEqual([...Array(10).fill('401 CREDENTIALS_REFUSED'), '429 RATE_LIMITED'])
  })
})

describe('proving anew that it is you', () => {
  test('renews the time of the proof, and is written down', async () => {
    const owner = await lab.oort.signedIn()
    lab.pass(hour)
    const confirmed = await owner.post('/api/auth/reauthenticate', { password })
    const { authenticatedAt } = confirmed.json<{ authenticatedAt: number }>()
    expect(Math.abs(lab.oort.platform.clock() - authenticatedAt)).toBeLessThan(10 * second)
    const { sessions } = (await owner.get('/api/auth/sessions')).json<{ sessions: { authenticatedAt: number }[] }>()
    expect(sessions.map((session) => session.authenticatedAt)).toEqual([authenticatedAt])
    expect((await actionsOf(owner)).at(-1)).toBe('session.reauthenticated')
  })
})

describe('resetting the password', () => {
  test('works once, ends every session, withdraws other links and tells the owner', async () => {
    const owner = await lab.oort.signedIn()
    const first = await linkFor(owner.email)
    const { url } = linkIn(lab.mail.newestTo(owner.email))
    expect(url.startsWith(`${lab.oort.publicUrl}/reset-password#token=`)).toBe(true)
    const token = await linkFor(owner.email)
    expect(codeOf(await reset(first))).toBe('410 LINK_INVALID')

    expect(codeOf(await reset(token, 'too short'))).toBe('422 PASSWORD_TOO_SHORT')
    expect(codeOf(await reset(token, owner.email))).toBe('422 PASSWORD_TOO_COMMON')
    const done = await reset(token)
    expect([done.status, done.json()]).toEqual([200, { status: 'password_reset' }])
    expect(codeOf(await reset(token))).toBe('410 LINK_INVALID')
    expect((await owner.get('/api/auth/me')).status).toBe(401)
    expect(codeOf(await signIn(owner.email, password))).toBe('401 CREDENTIALS_REFUSED')

    const browser = lab.oort.browser()
    await browser.post('/api/auth/sign-in', { email: owner.email, password: newPassword }, freshAddress())
    expect((await actionsOf(browser)).slice(3)).toEqual([
      'mail_token.issued',
      'mail_token.withdrawn',
      'mail_token.issued',
      'mail_token.used',
      'user.password_reset',
      'session.ended',
      'device.forgotten',
      'session.refused',
      'device.noted',
      'session.started',
    ])
    expect(await mailTo(lab, owner.email)).toContain('was reset by a mailed link')
  })

  test('works within an hour, and not after it', async () => {
    const { email } = await lab.oort.signedIn()
    const late = await linkFor(email)
    lab.pass(hour)
    expect(codeOf(await reset(late))).toBe('410 LINK_INVALID')
    const timely = await linkFor(email)
    lab.pass(hour - 10 * second)
    expect((await reset(timely)).status).toBe(200)
  })

  test('refuses a link for verification, and a made-up one', async () => {
    const email = freshEmail()
    await lab.oort.browser().post('/api/auth/sign-up', { email, password }, freshAddress())
    await lab.settled()
    expect(codeOf(await reset(linkIn(lab.mail.newestTo(email)).token))).toBe('410 LINK_INVALID')
    expect(codeOf(await reset('A'.repeat(43)))).toBe('410 LINK_INVALID')
  })

  test('answers an unknown address like a known one, and mails it nothing', async () => {
    const unknown = freshEmail()
    const { email } = await lab.oort.signedIn()
    const answers = [await requestReset(email), await requestReset(unknown)]
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(2).fill([202, '{"status":"accepted"}']))
    expect(lab.mail.newestTo(email).subject).toBe('Reset your password')
    expect(lab.mail.messages.filter(({ to }) => to.includes(unknown))).toEqual([])
  })

  test('proves the address too, and takes it from whoever signed up with it', async () => {
    const email = freshEmail()
    await lab.oort.browser().post('/api/auth/sign-up', { email, password }, freshAddress())
    await lab.settled()
    expect((await reset(await linkFor(email))).status).toBe(200)
    expect((await findAccount(lab.oort.platform, email, 'req_test'))?.emailVerified).toBe(true)
    expect(codeOf(await signIn(email, password))).toBe('401 CREDENTIALS_REFUSED')
    expect((await signIn(email, newPassword)).status).toBe(200)
  })

  test('leaves the second factor in force', async () => {
    const owner = await lab.oort.signedIn()
    await addTotp(lab, owner)
    expect((await reset(await linkFor(owner.email))).status).toBe(200)
    expect(codeOf(await signIn(owner.email, newPassword))).toBe('401 SECOND_FACTOR_REQUIRED')
  })

  test('keeps nothing of a link but a hash, and no trace of it in the log', async () => {
    const { email } = await lab.oort.signedIn()
    const token = await linkFor(email)
    await reset(token)
    for (const secret of [token, email, newPassword]) expect(lab.oort.log()).not.toContain(secret)
  })
})

describe('a sign-in with the old password that overlaps', () => {
  test.each<[string, (owner: Browser & { readonly email: string }) => Promise<() => Promise<ReadAnswer>>]>([
    [
      'a change',
      async (owner) => () => owner.post('/api/auth/change-password', { currentPassword: password, newPassword }),
    ],
    [
      'a reset',
      async (owner) => {
        const token = await linkFor(owner.email)
        return () => reset(token)
      },
    ],
  ])('%s starts no session', async (_what, prepare) => {
    const owner = await lab.oort.signedIn()
    const change = await prepare(owner)
    const late = lab.oort.browser()
    const { changing, signingIn } = await whileNothingIsWritten(lab.oort.platform, async () => {
      const first = change()
      await sleep(500)
      const second = late.post('/api/auth/sign-in', { email: owner.email, password }, freshAddress())
      await sleep(500)
      return { changing: first, signingIn: second }
    })
    expect((await changing).status).toBe(200)
    expect(codeOf(await signingIn)).toBe('401 UNAUTHENTICATED')
    expect(late.session).toBe('')
  })
})
