import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minute, second } from '../../../core/clock.ts'
import { insideOf } from '../../../core/platform.ts'
import { spentChallenges } from '../../../core/store/schema.ts'
import type { Deviation } from '../../support/authenticator.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, accountOf, addTotp, administrator, codeOf, freshAddress, openLab } from './lab.ts'
import {
  authenticator,
  creationOptionsOf,
  refused,
  signInBy,
  signInOptions,
  stepUpOptions,
  turned,
  withoutIds,
  withPasskey,
} from './passkey-lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const spentRows = () => insideOf(lab.oort.platform).store.read.select().from(spentChallenges)

describe('signing in with a passkey', () => {
  test('takes no code where there is a second factor, and is written down as what it was', async () => {
    const { owner, device } = await withPasskey(lab)
    await addTotp(lab, owner)
    const browser = lab.oort.browser()
    expect((await signInBy(browser, device)).status).toBe(200)
    const { entries } = (await browser.get('/api/auth/audit')).json<{ entries: { action: string; detail: object }[] }>()
    expect(entries.find(({ action }) => action === 'session.started')?.detail).toEqual({ method: 'passkey' })
  })

  test('the challenge names nobody, is written nowhere, and is kept as a hash once it was answered', async () => {
    const { device } = await withPasskey(lab)
    const browser = lab.oort.browser()
    const before = await spentRows()
    const options = await signInOptions(browser)
    expect(options).toMatchObject({ rpId: 'oort.test', allowCredentials: [], userVerification: 'required' })
    expect(await spentRows()).toEqual(before)
    const credential = device.get(options)
    await browser.post('/api/auth/sign-in/passkey', { credential }, freshAddress())
    expect(await spentRows()).toHaveLength(before.length + 1)
    lab.pass(5 * minute + second)
    expect((await signInBy(lab.oort.browser(), device)).status).toBe(200)
    expect(await spentRows()).toHaveLength(1)
  })

  test.each<[string, Deviation]>([
    ['of another origin', { origin: 'https://evil.example' }],
    ['without TLS', { origin: 'http://oort.test' }],
    ['for another site', { rpId: 'evil.example' }],
    ['in a frame of another site', { crossOrigin: true }],
    ['of another ceremony', { type: 'webauthn.create' }],
    ['that verified nobody', { userVerified: false }],
    ['that nobody was at', { userPresent: false }],
    ['with a challenge of its own', { challenge: Buffer.alloc(54).toString('base64url') }],
    ['with no account', { userHandle: null }],
    ['with another account', { userHandle: Buffer.from('usr_other').toString('base64url') }],
  ])('refuses an answer %s', async (_what, deviation) => {
    const { owner, device } = await withPasskey(lab)
    const browser = lab.oort.browser()
    expect(codeOf(await signInBy(browser, device, deviation))).toBe(refused)
    expect(browser.session).toBe('')
    await lab.settled()
    const { entries } = (await owner.get('/api/auth/audit')).json<{ entries: { action: string; detail: object }[] }>()
    expect(entries[0]).toMatchObject({ action: 'session.refused', detail: { reason: 'passkey' } })
    expect((await signInBy(browser, device)).status).toBe(200)
  })

  test.each(['signature', 'authenticatorData', 'clientDataJSON'] as const)(
    'refuses one turned bit of %s',
    async (part) => {
      for (const algorithm of ['ES256', 'Ed25519'] as const) {
        const { device } = await withPasskey(lab, authenticator(lab, { algorithm }))
        const browser = lab.oort.browser()
        const credential = device.get(await signInOptions(browser))
        const response = { ...credential.response, [part]: turned(credential.response[part]) }
        const sent = { credential: { ...credential, response } }
        expect(codeOf(await browser.post('/api/auth/sign-in/passkey', sent, freshAddress()))).toBe(refused)
        expect((await browser.post('/api/auth/sign-in/passkey', { credential }, freshAddress())).status).toBe(200)
      }
    },
  )

  test('refuses an answer that was given before, also when both come at once', async () => {
    const { device } = await withPasskey(lab, authenticator(lab, { counts: false }))
    const credential = device.get(await signInOptions(lab.oort.browser()))
    const send = () => lab.oort.browser().post('/api/auth/sign-in/passkey', { credential }, freshAddress())
    const answers = await Promise.all(Array.from({ length: 4 }, send))
    expect(answers.map(codeOf).sort()).toEqual(['200', ...Array(3).fill(refused)])
    expect(codeOf(await send())).toBe(refused)
  })

  test('refuses a counter that does not rise, and goes on with the one that does', async () => {
    const { device } = await withPasskey(lab)
    const browser = lab.oort.browser()
    expect((await signInBy(browser, device, { counter: 41 })).status).toBe(200)
    for (const counter of [41, 40, 0]) expect(codeOf(await signInBy(browser, device, { counter }))).toBe(refused)
    expect((await signInBy(browser, device, { counter: 42 })).status).toBe(200)
  })

  test('of two copies that sign at once with one counter, one is let in', async () => {
    const { device } = await withPasskey(lab)
    const answers = await Promise.all(
      Array.from({ length: 2 }, () => signInBy(lab.oort.browser(), device, { counter: 7 })),
    )
    expect(answers.map(codeOf).sort()).toEqual(['200', refused])
  })

  test('refuses a challenge of another purpose and one that is five minutes old', async () => {
    const { owner, device } = await withPasskey(lab)
    const browser = lab.oort.browser()
    const answer = async (challenge: string) => {
      const credential = device.get({ ...(await signInOptions(browser)), challenge })
      return codeOf(await browser.post('/api/auth/sign-in/passkey', { credential }, freshAddress()))
    }
    expect(await answer((await stepUpOptions(owner)).challenge)).toBe(refused)
    expect(await answer((await creationOptionsOf(owner)).challenge)).toBe(refused)
    const { challenge } = await signInOptions(browser)
    lab.pass(5 * minute)
    expect(await answer(challenge)).toBe(refused)
    const { challenge: timely } = await signInOptions(browser)
    lab.pass(5 * minute - 10 * second)
    expect(await answer(timely)).toBe('200')
  })

  test('P2 answers an unknown credential, a wrong signature, a wrong origin and a replay with the same bytes', async () => {
    const { device } = await withPasskey(lab)
    const browser = lab.oort.browser()
    const fresh = async () => device.get(await signInOptions(browser))
    const [unknown, forged, used] = [await fresh(), await fresh(), await fresh()]
    await browser.post('/api/auth/sign-in/passkey', { credential: used }, freshAddress())
    const id = turned(unknown.id)
    const signature = turned(forged.response.signature)
    const foreign = device.get(await signInOptions(browser), { origin: 'https://evil.example' })
    const credentials = [
      { ...unknown, id, rawId: id },
      { ...forged, response: { ...forged.response, signature } },
      used,
      foreign,
    ]
    const answers = await Promise.all(
      credentials.map((credential) => browser.post('/api/auth/sign-in/passkey', { credential }, freshAddress())),
    )
    expect(new Set(answers.map(({ status, text }) => `${status} ${withoutIds(text)}`)).size).toBe(1)
    expect(new Set(answers.map(({ headers }) => [...headers.keys()].join())).size).toBe(1)
  })

  test('P2 is limited for a passkey from an address, known or not', async () => {
    const { device } = await withPasskey(lab)
    const credential = device.get(await signInOptions(lab.oort.browser()))
    const forged = { ...credential, response: { ...credential.response, signature: 'AAAA' } }
    for (const each of [forged, { ...forged, id: 'AAAA', rawId: 'AAAA' }]) {
      const from = freshAddress()
      const answers: string[] = []
      for (let tries = 0; tries < 11; tries += 1) {
        answers.push(codeOf(await lab.oort.browser().post('/api/auth/sign-in/passkey', { credential: each }, from)))
      }
      expect(answers).toEqual([...Array(10).fill(refused), '429 RATE_LIMITED'])
    }
  })

  test('tells that an account is suspended after the right signature alone; a deleted one has no passkey', async () => {
    const { owner, device } = await withPasskey(lab)
    await (await administrator(lab)).suspend((await accountOf(lab, owner.email)).userId, 'test')
    expect(codeOf(await signInBy(lab.oort.browser(), device, { origin: 'https://evil.example' }))).toBe(refused)
    expect(codeOf(await signInBy(lab.oort.browser(), device))).toBe('403 ACCOUNT_SUSPENDED')

    const gone = await withPasskey(lab)
    await gone.owner.send('DELETE', '/api/auth/account', { body: { password } })
    expect(codeOf(await signInBy(lab.oort.browser(), gone.device))).toBe(refused)
  })

  test('S1 a session begun with a passkey is dead after sign-out everywhere', async () => {
    const { owner, device } = await withPasskey(lab)
    const browser = lab.oort.browser()
    await signInBy(browser, device)
    await owner.post('/api/auth/sign-out-everywhere')
    expect(codeOf(await browser.get('/api/auth/me'))).toBe('401 UNAUTHENTICATED')
  })

  test('Z3 refuses a body with more than a credential', async () => {
    const { device } = await withPasskey(lab)
    const credential = device.get(await signInOptions(lab.oort.browser()))
    const bodies = [
      { credential, userId: 'usr_x' },
      { credential: { ...credential, role: 'admin' } },
      { credential: { ...credential, response: { ...credential.response, counter: 9 } } },
    ]
    for (const body of bodies) {
      const answer = await lab.oort.browser().post('/api/auth/sign-in/passkey', body, freshAddress())
      expect(codeOf(answer)).toBe('400 BODY_INVALID')
    }
  })
})
