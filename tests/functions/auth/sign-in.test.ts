import { argon2Sync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enrolAccount } from '../../../core/accounts/enrol-account.ts'
import { hashPassword, needsRehash } from '../../../core/crypto/passwords.ts'
import type { Browser } from '../../support/browser.ts'
import { figure } from '../../support/figure.ts'
import { median } from '../../support/median.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, accountOf, actionsOf, administrator, codeOf, freshAddress, freshEmail, openLab } from './lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const wrong = 'another long and quiet passphrase'

const signIn = (email: string, given: string, from = freshAddress(), browser: Browser = lab.oort.browser()) =>
  browser.post('/api/auth/sign-in', { email, password: given }, from)

describe('signing in', () => {
  test('takes the address in any case, sets a cookie and writes down both tries', async () => {
    const owner = await lab.oort.signedIn('Ada@Example.com'.toLowerCase())
    expect(codeOf(await signIn('ada@example.com', wrong))).toBe('401 CREDENTIALS_REFUSED')
    const answer = await signIn(' ADA@example.COM ', password)
    expect([answer.status, answer.json()]).toEqual([200, { status: 'signed_in' }])
    expect(answer.headers.getSetCookie().map((line) => line.split('=')[0])).toEqual([
      '__Host-oort',
      '__Host-oort-device',
    ])
    await lab.settled()
    const { entries } = (await owner.get('/api/auth/audit')).json<{ entries: Record<string, unknown>[] }>()
    expect(entries.filter(({ targetKind }) => targetKind !== 'known_devices').slice(0, 2)).toMatchObject([
      { action: 'session.started', actorKind: 'user', targetKind: 'sessions', detail: { method: 'password' } },
      { action: 'session.refused', actorKind: 'system', targetKind: 'users', detail: { reason: 'password' } },
    ])
  })

  test('P2 answers an unknown address and a wrong password with the same body and headers', async () => {
    const { email } = await lab.oort.signedIn()
    const [known, unknown] = await Promise.all([signIn(email, wrong), signIn(freshEmail(), wrong)])
    const withoutIds = (text: string) => text.replaceAll(/req_[0-9a-f-]{36}/g, '')
    expect(known.status).toBe(401)
    expect(withoutIds(known.text)).toBe(withoutIds(unknown.text))
    expect([...known.headers.keys()]).toEqual([...unknown.headers.keys()])
  })

  test('P2 answers an unknown address and a wrong password in the same time, within noise', async ({ task }) => {
    const tries = 40
    const passwordHash = await hashPassword(password)
    const owners = Array.from({ length: tries }, () => ({ email: freshEmail(), passwordHash, emailVerifiedAt: 1 }))
    for (const owner of owners) await enrolAccount(lab.oort.platform, owner, 'req_test')
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
    for (const [index, { email }] of owners.entries()) {
      const order = index % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
      for (const kind of order) {
        const started = performance.now()
        await signIn(kind === 'known' ? email : freshEmail(), wrong)
        times[kind].push(performance.now() - started)
      }
    }
    // Without the hash for nobody the unknown address is answered in a tenth of the time.
    const ratio = median(times.unknown) / median(times.known)
    figure(task, `medians differ by ${Math.abs(100 * (ratio - 1)).toFixed(0)} %`)
    expect(ratio).toBeGreaterThan(0.7)
    expect(ratio).toBeLessThan(1.4)
  })

  test('P2 is limited for an account, known or not, before a password is hashed', async () => {
    for (const email of [freshEmail(), (await lab.oort.signedIn()).email]) {
      const from = freshAddress()
      const answers: string[] = []
      for (let tries = 0; tries < 10; tries += 1) answers.push(codeOf(await signIn(email, wrong, from)))
      expect(answers).toEqual(Array(10).fill('401 CREDENTIALS_REFUSED'))
      const limited = await signIn(email, password, from)
      expect(codeOf(limited)).toBe('429 RATE_LIMITED')
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(800)
    }
  })

  test('P2 a success gives no tries back', async () => {
    const { email } = await lab.oort.signedIn()
    const from = freshAddress()
    for (let tries = 0; tries < 5; tries += 1) {
      expect((await signIn(email, password, from)).status).toBe(200)
      expect((await signIn(email, wrong, from)).status).toBe(401)
    }
    expect(codeOf(await signIn(email, wrong, from))).toBe('429 RATE_LIMITED')
  })

  test('P2 one address cannot shut the owner at another out, all addresses together are limited', async () => {
    const { email } = await lab.oort.signedIn()
    const attacker = freshAddress()
    for (let tries = 0; tries < 11; tries += 1) await signIn(email, wrong, attacker)
    expect((await signIn(email, password)).status).toBe(200)
    const answers = await Promise.all(Array.from({ length: 100 }, () => signIn(email, wrong)))
    expect(answers.map(codeOf)).toContain('429 RATE_LIMITED')
  })

  test('P2 is limited for an address, whatever the account', async () => {
    const from = freshAddress()
    // The limit counts before a body is looked at, so that bodies without sense are enough to use it up.
    for (let tries = 0; tries < 100; tries += 1) {
      expect((await lab.oort.browser().post('/api/auth/sign-in', {}, from)).status).toBe(400)
    }
    const limited = await signIn(freshEmail(), password, from)
    expect(codeOf(limited)).toBe('429 RATE_LIMITED')
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await signIn((await lab.oort.signedIn()).email, password)).status).toBe(200)
  })

  test('tells that an account is suspended after the right password alone', async () => {
    const { email } = await lab.oort.signedIn()
    await (await administrator(lab)).suspend((await accountOf(lab, email)).userId, 'test')
    expect(codeOf(await signIn(email, wrong))).toBe('401 CREDENTIALS_REFUSED')
    expect(codeOf(await signIn(email, password))).toBe('403 ACCOUNT_SUSPENDED')
  })

  test('P1 makes an old, weaker hash anew', async () => {
    const email = freshEmail()
    const nonce = randomBytes(16)
    const parameters = { message: password, nonce, parallelism: 1, tagLength: 32, memory: 8_192, passes: 1 }
    const tag = argon2Sync('argon2id', parameters)
    const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
    const passwordHash = `$argon2id$v=19$m=8192,t=1,p=1$${text(nonce)}$${text(tag)}`
    expect(needsRehash(passwordHash)).toBe(true)
    await enrolAccount(lab.oort.platform, { email, passwordHash, emailVerifiedAt: 1 }, 'req_test')

    expect(codeOf(await signIn(email, wrong))).toBe('401 CREDENTIALS_REFUSED')
    const stored = async () => (await accountOf(lab, email)).passwordHash
    expect(await stored()).toBe(passwordHash)
    const browser = lab.oort.browser()
    expect((await signIn(email, password, freshAddress(), browser)).status).toBe(200)
    expect(needsRehash(await stored())).toBe(false)
    const renewed = await stored()
    expect((await signIn(email, password)).status).toBe(200)
    expect(await stored()).toBe(renewed)
    expect((await actionsOf(browser)).filter((action) => action === 'user.password_rehashed')).toHaveLength(1)
  })

  test.each([
    ['a role', { role: 'admin' }],
    ['a code that is none', { code: '12345' }],
    ['a code as a number', { code: 123456 }],
  ])('Z3 refuses a body with %s', async (_what, further) => {
    const { email } = await lab.oort.signedIn()
    const answer = await lab.oort.browser().post('/api/auth/sign-in', { email, password, ...further }, freshAddress())
    expect(codeOf(answer)).toBe('400 BODY_INVALID')
  })
})
