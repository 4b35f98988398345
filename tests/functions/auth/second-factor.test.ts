import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acceptCode, findSecondFactor } from '../../../core/accounts/second-factor.ts'
import { minute, second } from '../../../core/clock.ts'
import { createMailer } from '../../../core/mail/mailer.ts'
import { demandCode } from '../../../functions/auth/demand-code.ts'
import { createLater } from '../../../functions/auth/later.ts'
import type { Browser, ReadAnswer } from '../../support/browser.ts'
import { onPostgres } from '../../support/database.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, accountOf, actionsOf, addTotp, codeOf, freshAddress, openLab, totpCode } from './lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const wrong = 'another long and quiet passphrase'
const step = 30 * second
const now = () => lab.oort.platform.clock()
/** A code that is sure to be wrong at any time near this one. */
const wrongCode = (secret: string) => {
  const right = new Set([-2, -1, 0, 1, 2].map((steps) => totpCode(secret, now() + steps * step)))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.has(code)) ?? ''
}

const signIn = (email: string, body: object, browser: Browser = lab.oort.browser()) =>
  browser.post('/api/auth/sign-in', { email, password, ...body }, freshAddress())
const remove = (browser: Browser, body: object) => browser.send('DELETE', '/api/auth/second-factor', { body })

test('a second factor takes the password, shows its secret once, and counts from its first code on', async () => {
  const owner = await lab.oort.signedIn()
  expect(codeOf(await owner.post('/api/auth/second-factor', { password: wrong }))).toBe('401 CREDENTIALS_REFUSED')
  expect(codeOf(await owner.post('/api/auth/second-factor/confirm', { code: '123456' }))).toBe(
    '409 SECOND_FACTOR_ABSENT',
  )
  const replaced = (await owner.post('/api/auth/second-factor', { password })).json<{ secret: string }>()
  const added = await owner.post('/api/auth/second-factor', { password })
  const { secret, uri } = added.json<{ secret: string; uri: string }>()
  expect(added.status).toBe(201)
  expect(secret).not.toBe(replaced.secret)
  expect(uri).toMatch(/^otpauth:\/\/totp\/Oort:/)
  expect(new URL(uri).searchParams.get('secret')).toBe(secret)

  expect((await signIn(owner.email, {})).status).toBe(200)
  expect(codeOf(await owner.post('/api/auth/second-factor/confirm', { code: wrongCode(secret) }))).toBe(
    '401 SECOND_FACTOR_REFUSED',
  )
  expect((await owner.get('/api/auth/me')).json()).toMatchObject({ secondFactor: false })
  const code = totpCode(secret, now())
  expect((await owner.post('/api/auth/second-factor/confirm', { code })).status).toBe(200)
  expect((await owner.get('/api/auth/me')).json()).toMatchObject({ secondFactor: true })
  expect(codeOf(await owner.post('/api/auth/second-factor/confirm', { code }))).toBe('409 SECOND_FACTOR_PRESENT')
  expect(codeOf(await owner.post('/api/auth/second-factor', { password }))).toBe('409 SECOND_FACTOR_PRESENT')
  expect((await actionsOf(owner)).filter((action) => action.startsWith('second_factor.'))).toEqual([
    'second_factor.added',
    'second_factor.removed',
    'second_factor.added',
    'second_factor.opened',
    'second_factor.opened',
    'second_factor.confirmed',
  ])
  await lab.settled()
  expect(lab.mail.newestTo(owner.email).text).toContain('A second factor was set up')
  expect(lab.mail.newestTo(owner.email).text).not.toContain(secret)
})

test('a code is asked for after the right password alone, and counts once', async () => {
  const owner = await lab.oort.signedIn()
  const secret = await addTotp(lab, owner)
  // The one by which it was set up, also where its thirty seconds are over.
  const lastStep = (await findSecondFactor((await accountOf(lab, owner.email)).scope))?.lastStep ?? 0
  const used = totpCode(secret, lastStep * step)
  expect(codeOf(await signIn(owner.email, { password: wrong }))).toBe('401 CREDENTIALS_REFUSED')
  expect(codeOf(await signIn(owner.email, { password: wrong, code: used }))).toBe('401 CREDENTIALS_REFUSED')
  expect(codeOf(await signIn(owner.email, {}))).toBe('401 SECOND_FACTOR_REQUIRED')
  expect(codeOf(await signIn(owner.email, { code: used }))).toBe('401 SECOND_FACTOR_REFUSED')
  expect(codeOf(await signIn(owner.email, { code: wrongCode(secret) }))).toBe('401 SECOND_FACTOR_REFUSED')

  lab.pass(2 * step)
  const browser = lab.oort.browser()
  const code = totpCode(secret, now())
  expect((await signIn(owner.email, { code }, browser)).status).toBe(200)
  expect(codeOf(await signIn(owner.email, { code }))).toBe('401 SECOND_FACTOR_REFUSED')
  // The step before is still within the tolerance, but older than the last one used.
  const older = totpCode(secret, now() - step)
  expect(codeOf(await signIn(owner.email, { code: older }))).toBe('401 SECOND_FACTOR_REFUSED')
  await lab.settled()
  const { entries } = (await browser.get('/api/auth/audit?limit=100')).json<{
    entries: { action: string; detail: Record<string, unknown> }[]
  }>()
  const refused = entries.filter(
    ({ action, detail }) => action === 'session.refused' && detail['reason'] !== 'password',
  )
  expect(refused.map(({ detail }) => detail)).toEqual(Array(4).fill({ reason: 'second_factor' }))
  expect(entries.find(({ action }) => action === 'session.started')?.detail).toEqual({ method: 'password_and_totp' })
})

test('of requests that race with one code, one is let in', async () => {
  const owner = await lab.oort.signedIn()
  const secret = await addTotp(lab, owner)
  lab.pass(2 * step)
  const code = totpCode(secret, now())
  const answers = await Promise.all(Array.from({ length: 6 }, () => signIn(owner.email, { code })))
  expect(answers.map(codeOf).sort()).toEqual(['200', ...Array(5).fill('401 SECOND_FACTOR_REFUSED')])
})

test('of proofs that read the factor before any of them wrote, one is let in', async () => {
  const owner = await lab.oort.signedIn()
  const secret = await addTotp(lab, owner)
  lab.pass(2 * step)
  const code = totpCode(secret, now())
  const { scope } = await accountOf(lab, owner.email)
  const { platform } = lab.oort
  const parts = { platform, mailer: createMailer(platform.config, platform.log), later: createLater(platform.log) }
  const proofs = await Promise.allSettled(Array.from({ length: 6 }, () => demandCode(parts, scope, code)))
  expect(proofs.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('guesses at codes are limited for the account, from wherever they come', async () => {
  const owner = await lab.oort.signedIn()
  const secret = await addTotp(lab, owner)
  const answers: string[] = []
  for (let tries = 0; tries < 10; tries += 1)
    answers.push(codeOf(await signIn(owner.email, { code: wrongCode(secret) })))
  expect(answers).toEqual([...Array(9).fill('401 SECOND_FACTOR_REFUSED'), '429 RATE_LIMITED'])
  lab.pass(60 * minute)
  expect((await signIn(owner.email, { code: totpCode(secret, now()) })).status).toBe(200)
})

test('a second factor goes with password and code, and signing in takes the password alone again', async () => {
  const owner = await lab.oort.signedIn()
  expect(codeOf(await remove(owner, { password }))).toBe('409 SECOND_FACTOR_ABSENT')
  const secret = await addTotp(lab, owner)
  lab.pass(2 * step)
  expect(codeOf(await remove(owner, { password }))).toBe('401 SECOND_FACTOR_REQUIRED')
  const code = totpCode(secret, now())
  expect(codeOf(await remove(owner, { password: wrong, code }))).toBe('401 CREDENTIALS_REFUSED')
  expect(codeOf(await remove(owner, { password, code: wrongCode(secret) }))).toBe('401 SECOND_FACTOR_REFUSED')
  const removed = await remove(owner, { password, code })
  expect([removed.status, removed.json()]).toEqual([200, { bytesErased: !onPostgres }])
  expect((await signIn(owner.email, {})).status).toBe(200)
  expect((await actionsOf(owner)).filter((action) => action === 'second_factor.removed')).toHaveLength(1)
})

test('a second factor that is confirmed while a proof without code is under way is not removed by it', async () => {
  const owner = await lab.oort.signedIn()
  const { secret } = (await owner.post('/api/auth/second-factor', { password })).json<{ secret: string }>()
  const { scope } = await accountOf(lab, owner.email)
  let removing: Promise<ReadAnswer> | undefined
  const confirmed = await scope.write(async (tx) => {
    removing = remove(owner.copy(), { password })
    // Long enough for the password to be found right and, as nobody sees this unit yet, no code to be asked for.
    await sleep(second)
    return acceptCode(tx, totpCode(secret, now()), now())
  })
  expect(confirmed).toBe(true)
  expect(removing && codeOf(await removing)).toBe('401 SECOND_FACTOR_REQUIRED')
  expect(await findSecondFactor(scope)).toMatchObject({ confirmed: true })
})

test('every proof of the owner asks for the code too', async () => {
  const owner = await lab.oort.signedIn()
  const secret = await addTotp(lab, owner)
  lab.pass(2 * step)
  const newPassword = 'a third and rather long phrase'
  const attempts = [
    await owner.post('/api/auth/reauthenticate', { password }),
    await owner.post('/api/auth/change-password', { currentPassword: password, newPassword }),
    await owner.send('DELETE', '/api/auth/account', { body: { password } }),
  ]
  expect(attempts.map(codeOf)).toEqual(Array(3).fill('401 SECOND_FACTOR_REQUIRED'))
  const confirmed = await owner.post('/api/auth/reauthenticate', { password, code: totpCode(secret, now()) })
  expect(confirmed.status).toBe(200)
})
