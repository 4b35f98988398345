import { afterAll, beforeAll, expect, test } from 'vitest'
import { minute, second } from '../../../core/clock.ts'
import { insideOf } from '../../../core/platform.ts'
import type { Browser } from '../../support/browser.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { linkIn } from '../../support/mail-server.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, actionsOf, codeOf, freshAddress, openLab, totpCode } from './lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

type Owner = Browser & { readonly email: string }

async function withCodes(): Promise<{ owner: Owner; secret: string; codes: string[] }> {
  const owner = await lab.oort.signedIn()
  const { secret } = (await owner.post('/api/auth/second-factor', { password })).json<{ secret: string }>()
  const code = totpCode(secret, lab.oort.platform.clock())
  const confirmed = await owner.post('/api/auth/second-factor/confirm', { code })
  const { recoveryCodes: codes } = confirmed.json<{ recoveryCodes: string[] }>()
  return { owner, secret, codes }
}

const signIn = (email: string, code: string | undefined, browser = lab.oort.browser()) =>
  browser.post('/api/auth/sign-in', { email, password, code }, freshAddress())
const unusedOf = async (owner: Browser) =>
  (await owner.get('/api/auth/recovery-codes')).json<{ unused: number }>().unused

test('ten of 120 bits come with the second factor, are readable and differ, and only their hashes are kept', async () => {
  const { owner, codes } = await withCodes()
  expect(codes).toHaveLength(10)
  expect(new Set(codes).size).toBe(10)
  for (const code of codes) expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
  expect(await unusedOf(owner)).toBe(10)
  await insideOf(lab.oort.platform).store.eraseTraces()
  const written = Buffer.concat([await bytesIn(lab.oort.dataDir), Buffer.from(lab.oort.log())])
  const spellings = codes.flatMap((code) => [code, code.replaceAll('-', '')])
  expect(createByteSearch(spellings)(written)).toEqual(new Set())
})

test('one stands in for a code of the app, once, and its use is told and written down', async () => {
  const { owner, codes } = await withCodes()
  const [code = '', other = ''] = codes
  const browser = lab.oort.browser()
  expect((await signIn(owner.email, code, browser)).status).toBe(200)
  expect(codeOf(await signIn(owner.email, code))).toBe('401 SECOND_FACTOR_REFUSED')
  expect(codeOf(await signIn(owner.email, 'ABCD-EFGH-JKMN-PQRS-TVWX-YZ01'))).toBe('401 SECOND_FACTOR_REFUSED')
  expect(await unusedOf(owner)).toBe(9)
  const { entries } = (await browser.get('/api/auth/audit')).json<{ entries: { action: string; detail: object }[] }>()
  const of = (action: string) => entries.filter((each) => each.action === action).map(({ detail }) => detail)
  expect(of('session.started')[0]).toEqual({ method: 'password_and_recovery_code' })
  expect(of('recovery_code.used')).toHaveLength(1)
  expect(of('session.refused')).toEqual(Array(2).fill({ reason: 'recovery_code' }))
  await lab.settled()
  const notices = lab.mail.messages.filter(
    ({ to, text }) => to.includes(owner.email) && text.includes('A recovery code'),
  )
  expect(notices).toHaveLength(1)
  for (const each of codes) expect(notices[0]?.text).not.toContain(each)
  expect(codeOf(await signIn(owner.email, undefined))).toBe('401 SECOND_FACTOR_REQUIRED')
  expect((await owner.post('/api/auth/reauthenticate', { password, code: other })).status).toBe(200)
})

test('however it is typed', async () => {
  const { owner, codes } = await withCodes()
  const typed: readonly ((code: string) => string)[] = [
    (code) => code.toLowerCase(),
    (code) => code.replaceAll('-', ''),
    (code) => code.replaceAll('-', ' '),
    (code) => code.replaceAll('0', 'o').replaceAll('1', 'l'),
    (code) => code.replaceAll('0', 'O').replaceAll('1', 'I'),
  ]
  for (const [at, type] of typed.entries()) expect((await signIn(owner.email, type(codes[at] ?? ''))).status).toBe(200)
})

const group = 'ABCD-EFGH-JKMN-PQRS-TVWX'
test.each(['12345', '1234567', group, `${group}-YZ012`, `${group}--YZ0`, `${group}-YZ01`.replaceAll('-', '_')])(
  'what looks like neither is refused as such: %s',
  async (code) => {
    const { email } = await lab.oort.signedIn()
    expect(codeOf(await signIn(email, code))).toBe('400 BODY_INVALID')
  },
)

test('of requests that race with one code, one is let in', async () => {
  const { owner, codes } = await withCodes()
  const answers = await Promise.all(Array.from({ length: 6 }, () => signIn(owner.email, codes[0])))
  expect(answers.map(codeOf).sort()).toEqual(['200', ...Array(5).fill('401 SECOND_FACTOR_REFUSED')])
  expect(await unusedOf(owner)).toBe(9)
})

test("another user's code counts for nothing", async () => {
  const [{ owner }, { owner: other, codes }] = [await withCodes(), await withCodes()]
  expect(codeOf(await signIn(owner.email, codes[0]))).toBe('401 SECOND_FACTOR_REFUSED')
  expect((await signIn(other.email, codes[0])).status).toBe(200)
})

test('guesses count with guesses at codes of the app', async () => {
  const { owner } = await withCodes()
  const answers: string[] = []
  for (let tries = 0; tries < 10; tries += 1)
    answers.push(codeOf(await signIn(owner.email, 'ABCD-EFGH-JKMN-PQRS-TVWX-YZ01')))
  expect(answers).toEqual([...Array(9).fill('401 SECOND_FACTOR_REFUSED'), '429 RATE_LIMITED'])
})

test('new ones take the place of the old, for who proved to be the owner in the last 15 minutes', async () => {
  const { owner, codes } = await withCodes()
  const made = await owner.post('/api/auth/recovery-codes')
  const { recoveryCodes } = made.json<{ recoveryCodes: string[] }>()
  expect([made.status, recoveryCodes.length, await unusedOf(owner)]).toEqual([201, 10, 10])
  expect(codeOf(await signIn(owner.email, codes[0]))).toBe('401 SECOND_FACTOR_REFUSED')
  expect((await signIn(owner.email, recoveryCodes[0])).status).toBe(200)
  await lab.settled()
  expect(
    lab.mail.messages.some(({ to, text }) => to.includes(owner.email) && text.includes('New recovery codes')),
  ).toBe(true)
  lab.pass(15 * minute + second)
  expect(codeOf(await owner.post('/api/auth/recovery-codes'))).toBe('403 REAUTHENTICATION_REQUIRED')
})

test('without a second factor there are none, and they go with it', async () => {
  const without = await lab.oort.signedIn()
  expect(codeOf(await without.post('/api/auth/recovery-codes'))).toBe('409 SECOND_FACTOR_ABSENT')
  const { owner, codes } = await withCodes()
  const body = { password, code: codes[0] }
  expect((await owner.send('DELETE', '/api/auth/second-factor', { body })).status).toBe(200)
  expect(await unusedOf(owner)).toBe(0)
  const actions = await actionsOf(owner)
  expect(actions.filter((action) => action === 'recovery_code.withdrawn')).toHaveLength(9)
})

test('one helps after a reset of the password, to change it, and to delete the account, of which the owner is told', async () => {
  const { owner, codes } = await withCodes()
  const newPassword = 'a third and rather long phrase'
  const changed = { currentPassword: password, newPassword, code: codes[0] }
  expect((await owner.post('/api/auth/change-password', changed)).status).toBe(200)
  await lab.oort.browser().post('/api/auth/request-password-reset', { email: owner.email }, freshAddress())
  await lab.settled()
  const reset = { token: linkIn(lab.mail.newestTo(owner.email)).token, newPassword: password }
  expect((await lab.oort.browser().post('/api/auth/reset-password', reset, freshAddress())).status).toBe(200)
  expect((await signIn(owner.email, codes[1], owner)).status).toBe(200)
  const deleted = await owner.send('DELETE', '/api/auth/account', { body: { password, code: codes[2] } })
  expect(deleted.status).toBe(200)
  await lab.settled()
  expect(lab.mail.newestTo(owner.email).text).toContain('A recovery code of your Oort account was used')
  expect(lab.oort.log()).not.toContain('a task after an answer failed')
})
