import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minute, second } from '../../../core/clock.ts'
import { insideOf } from '../../../core/platform.ts'
import { spentChallenges } from '../../../core/store/schema.ts'
import type { Authenticator, Deviation } from '../../support/authenticator.ts'
import type { Browser } from '../../support/browser.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, accountOf, actionsOf, addTotp, administrator, codeOf, freshAddress, openLab } from './lab.ts'
import { addPasskey, authenticator, creationOptionsOf, signInBy, signInOptions, stepUpOptions } from './passkey-lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

type Owner = Browser & { readonly email: string }

const refused = '401 PASSKEY_REFUSED'
const spentRows = () => insideOf(lab.oort.platform).store.read.select().from(spentChallenges)
const withoutIds = (text: string) => text.replaceAll(/req_[0-9a-f-]{36}/g, '')

async function withPasskey(
  device: Authenticator = authenticator(lab),
): Promise<{ owner: Owner; device: Authenticator }> {
  const owner = await lab.oort.signedIn()
  expect((await addPasskey(owner, device)).status).toBe(201)
  return { owner, device }
}

/** The text of base64url with one bit of its middle byte turned. */
function turned(text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes.toString('base64url')
}

describe('adding a passkey', () => {
  test('asks for one that can be discovered and verifies its person, and names no algorithm but three', async () => {
    const owner = await lab.oort.signedIn()
    expect(await creationOptionsOf(owner)).toMatchObject({
      rp: { id: 'oort.test', name: 'Oort' },
      user: { name: owner.email },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ alg, type: 'public-key' })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
    })
  })

  test.each([
    { algorithm: 'ES256', attestation: 'none' },
    { algorithm: 'ES256', attestation: 'self' },
    { algorithm: 'Ed25519', attestation: 'none' },
    { algorithm: 'Ed25519', attestation: 'self' },
  ] as const)(
    '$algorithm, attestation $attestation: is added, listed, relabelled, signs in and is removed',
    async (kind) => {
      const owner = await lab.oort.signedIn()
      const device = authenticator(lab, kind)
      const added = await addPasskey(owner, device, { label: ' my telephone ' })
      expect(added.status).toBe(201)
      const summary = added.json<{ id: string }>()
      expect(summary).toEqual({
        id: expect.stringMatching(/^psk_/),
        label: 'my telephone',
        backedUp: false,
        lastUsedAt: null,
        createdAt: expect.any(Number),
      })
      const browser = lab.oort.browser()
      const answer = await signInBy(browser, device)
      expect([answer.status, answer.json()]).toEqual([200, { status: 'signed_in' }])
      expect((await browser.get('/api/auth/me')).json()).toMatchObject({ email: owner.email })

      const path = `/api/auth/passkeys/${summary.id}`
      const relabelled = await owner.send('PATCH', path, { body: { label: 'another name' } })
      expect(relabelled.json()).toMatchObject({ id: summary.id, label: 'another name', lastUsedAt: expect.any(Number) })
      expect((await owner.get('/api/auth/passkeys')).json()).toEqual({ passkeys: [relabelled.json()] })
      expect((await owner.delete(path)).json()).toEqual({ bytesErased: true })
      expect(codeOf(await signInBy(lab.oort.browser(), device))).toBe(refused)
      expect((await actionsOf(owner)).filter((action) => action.startsWith('passkey.'))).toEqual([
        'passkey.added',
        'passkey.used',
        'passkey.relabelled',
        'passkey.removed',
      ])
      await lab.settled()
      const told = lab.mail.messages.filter(({ to }) => to.includes(owner.email)).map(({ text }) => text)
      expect(told.filter((text) => text.includes('A passkey was added'))).toHaveLength(1)
      expect(told.filter((text) => text.includes('A passkey of your Oort account was removed'))).toHaveLength(1)
    },
  )

  test('and removing one take a proof of the last 15 minutes', async () => {
    const { owner, device } = await withPasskey()
    const { passkeys } = (await owner.get('/api/auth/passkeys')).json<{ passkeys: { id: string }[] }>()
    const options = await creationOptionsOf(owner)
    lab.pass(15 * minute + second)
    const attempts = [
      await owner.post('/api/auth/passkeys/registration'),
      await owner.post('/api/auth/passkeys', { label: 'late', credential: authenticator(lab).create(options) }),
      await owner.delete(`/api/auth/passkeys/${passkeys[0]?.id}`),
    ]
    expect(attempts.map(codeOf)).toEqual(Array(3).fill('403 REAUTHENTICATION_REQUIRED'))
    const credential = device.get(await stepUpOptions(owner))
    expect((await owner.post('/api/auth/reauthenticate', { credential })).status).toBe(200)
    expect((await owner.delete(`/api/auth/passkeys/${passkeys[0]?.id}`)).status).toBe(200)
  })

  test.each<[string, Deviation]>([
    ['of another origin', { origin: 'https://oort.test.evil.example' }],
    ['of our host on another port', { origin: 'https://oort.test:8443' }],
    ['for another site', { rpId: 'evil.example' }],
    ['in a frame of another site', { crossOrigin: true }],
    ['of another ceremony', { type: 'webauthn.get' }],
    ['that verified nobody', { userVerified: false }],
    ['that nobody was at', { userPresent: false }],
    ['with a challenge of its own', { challenge: Buffer.alloc(54).toString('base64url') }],
    ['with no challenge', { challenge: '' }],
  ])('refuses one %s', async (_what, deviation) => {
    const owner = await lab.oort.signedIn()
    expect(codeOf(await addPasskey(owner, authenticator(lab), deviation))).toBe(refused)
    expect((await owner.get('/api/auth/passkeys')).json()).toEqual({ passkeys: [] })
  })

  test('refuses a challenge of another session, of another purpose, used before or five minutes old', async () => {
    const owner = await lab.oort.signedIn()
    const other = lab.oort.browser()
    await other.post('/api/auth/sign-in', { email: owner.email, password }, freshAddress())
    const add = async (challenge: string) => {
      const options = { ...(await creationOptionsOf(owner)), challenge }
      return codeOf(
        await owner.post('/api/auth/passkeys', { label: 'x', credential: authenticator(lab).create(options) }),
      )
    }
    expect(await add((await creationOptionsOf(other)).challenge)).toBe(refused)
    expect(await add((await stepUpOptions(owner)).challenge)).toBe(refused)
    expect(await add((await signInOptions(owner)).challenge)).toBe(refused)
    const { challenge } = await creationOptionsOf(owner)
    expect(await add(challenge)).toBe('201')
    expect(await add(challenge)).toBe(refused)
    const { challenge: late } = await creationOptionsOf(owner)
    lab.pass(5 * minute)
    expect(await add(late)).toBe(refused)
  })

  test('refuses a credential that somebody has, and an eleventh', async () => {
    const { device } = await withPasskey()
    const { id: credentialId } = device.get(await signInOptions(lab.oort.browser()))
    const owner = await lab.oort.signedIn()
    expect(codeOf(await addPasskey(owner, authenticator(lab), { credentialId }))).toBe(refused)
    expect((await signInBy(lab.oort.browser(), device)).status).toBe(200)

    const late = authenticator(lab).create(await creationOptionsOf(owner))
    for (let count = 0; count < 10; count += 1) expect((await addPasskey(owner, authenticator(lab))).status).toBe(201)
    expect(codeOf(await owner.post('/api/auth/passkeys', { label: 'mine', credential: late }))).toBe(
      '409 LIMIT_REACHED',
    )
    expect(codeOf(await owner.post('/api/auth/passkeys/registration'))).toBe('409 LIMIT_REACHED')
  })

  test("Z1 another user's passkey answers byte for byte like a missing one, and stays", async () => {
    const { owner } = await withPasskey()
    const stranger = await lab.oort.signedIn()
    const { passkeys } = (await owner.get('/api/auth/passkeys')).json<{ passkeys: { id: string }[] }>()
    const foreign = passkeys[0]?.id ?? ''
    const missing = `${foreign.slice(0, -12)}${'0'.repeat(12)}`
    for (const method of ['PATCH', 'DELETE']) {
      const sent = method === 'PATCH' ? { body: { label: 'stolen' } } : {}
      const answers = await Promise.all(
        [foreign, missing].map((id) => stranger.send(method, `/api/auth/passkeys/${id}`, sent)),
      )
      expect(answers.map(codeOf)).toEqual(Array(2).fill('404 NOT_FOUND'))
      expect(withoutIds(answers[0]?.text ?? '')).toBe(withoutIds(answers[1]?.text ?? ''))
    }
    expect((await owner.get('/api/auth/passkeys')).json()).toMatchObject({ passkeys: [{ label: 'mine' }] })
  })
})

describe('signing in with a passkey', () => {
  test('takes no code where there is a second factor, and is written down as what it was', async () => {
    const { owner, device } = await withPasskey()
    await addTotp(lab, owner)
    const browser = lab.oort.browser()
    expect((await signInBy(browser, device)).status).toBe(200)
    const { entries } = (await browser.get('/api/auth/audit')).json<{ entries: { action: string; detail: object }[] }>()
    expect(entries.find(({ action }) => action === 'session.started')?.detail).toEqual({ method: 'passkey' })
  })

  test('the challenge names nobody, is written nowhere, and is kept as a hash once it was answered', async () => {
    const { device } = await withPasskey()
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
    const { owner, device } = await withPasskey()
    const browser = lab.oort.browser()
    expect(codeOf(await signInBy(browser, device, deviation))).toBe(refused)
    expect(browser.hasSession).toBe(false)
    await lab.settled()
    const { entries } = (await owner.get('/api/auth/audit')).json<{ entries: { action: string; detail: object }[] }>()
    expect(entries[0]).toMatchObject({ action: 'session.refused', detail: { reason: 'passkey' } })
    expect((await signInBy(browser, device)).status).toBe(200)
  })

  test.each(['signature', 'authenticatorData', 'clientDataJSON'] as const)(
    'refuses one turned bit of %s',
    async (part) => {
      for (const algorithm of ['ES256', 'Ed25519'] as const) {
        const { device } = await withPasskey(authenticator(lab, { algorithm }))
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
    const { device } = await withPasskey(authenticator(lab, { counts: false }))
    const credential = device.get(await signInOptions(lab.oort.browser()))
    const send = () => lab.oort.browser().post('/api/auth/sign-in/passkey', { credential }, freshAddress())
    const answers = await Promise.all(Array.from({ length: 4 }, send))
    expect(answers.map(codeOf).sort()).toEqual(['200', ...Array(3).fill(refused)])
    expect(codeOf(await send())).toBe(refused)
  })

  test('refuses a counter that does not rise, and goes on with the one that does', async () => {
    const { device } = await withPasskey()
    const browser = lab.oort.browser()
    expect((await signInBy(browser, device, { counter: 41 })).status).toBe(200)
    for (const counter of [41, 40, 0]) expect(codeOf(await signInBy(browser, device, { counter }))).toBe(refused)
    expect((await signInBy(browser, device, { counter: 42 })).status).toBe(200)
  })

  test('of two copies that sign at once with one counter, one is let in', async () => {
    const { device } = await withPasskey()
    const answers = await Promise.all(
      Array.from({ length: 2 }, () => signInBy(lab.oort.browser(), device, { counter: 7 })),
    )
    expect(answers.map(codeOf).sort()).toEqual(['200', refused])
  })

  test('refuses a challenge of another purpose and one that is five minutes old', async () => {
    const { owner, device } = await withPasskey()
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
    const { device } = await withPasskey()
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
    const { device } = await withPasskey()
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
    const { owner, device } = await withPasskey()
    await (await administrator(lab)).suspend((await accountOf(lab, owner.email)).userId, 'test')
    expect(codeOf(await signInBy(lab.oort.browser(), device, { origin: 'https://evil.example' }))).toBe(refused)
    expect(codeOf(await signInBy(lab.oort.browser(), device))).toBe('403 ACCOUNT_SUSPENDED')

    const gone = await withPasskey()
    await gone.owner.send('DELETE', '/api/auth/account', { body: { password } })
    expect(codeOf(await signInBy(lab.oort.browser(), gone.device))).toBe(refused)
  })

  test('S1 a session begun with a passkey is dead after sign-out everywhere', async () => {
    const { owner, device } = await withPasskey()
    const browser = lab.oort.browser()
    await signInBy(browser, device)
    await owner.post('/api/auth/sign-out-everywhere')
    expect(codeOf(await browser.get('/api/auth/me'))).toBe('401 UNAUTHENTICATED')
  })

  test('Z3 refuses a body with more than a credential', async () => {
    const { device } = await withPasskey()
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

describe('proving anew with a passkey that it is you', () => {
  test('renews the time of the proof once for each signature', async () => {
    const { owner, device } = await withPasskey()
    lab.pass(60 * minute)
    const options = await stepUpOptions(owner)
    expect(options.allowCredentials).toHaveLength(1)
    const credential = device.get(options)
    const { authenticatedAt } = (await owner.post('/api/auth/reauthenticate', { credential })).json<{
      authenticatedAt: number
    }>()
    expect(Math.abs(lab.oort.platform.clock() - authenticatedAt)).toBeLessThan(10 * second)
    expect(codeOf(await owner.post('/api/auth/reauthenticate', { credential }))).toBe(refused)
    const { entries } = (await owner.get('/api/auth/audit')).json<{ entries: { action: string; detail: object }[] }>()
    const renewed = entries.filter(({ action }) => action === 'session.reauthenticated')
    expect(renewed.map(({ detail }) => detail)).toEqual([{ method: 'passkey' }])
  })

  test("refuses another user's passkey, another session's challenge and one for signing in", async () => {
    const { owner, device } = await withPasskey()
    const { device: foreign } = await withPasskey()
    const other = lab.oort.browser()
    await signInBy(other, device)
    lab.pass(60 * minute)
    const prove = async (by: Authenticator, challenge: string) => {
      const credential = by.get({ rpId: 'oort.test', allowCredentials: [], challenge })
      return codeOf(await owner.post('/api/auth/reauthenticate', { credential }))
    }
    expect(await prove(foreign, (await stepUpOptions(owner)).challenge)).toBe(refused)
    expect(await prove(device, (await stepUpOptions(other)).challenge)).toBe(refused)
    expect(await prove(device, (await signInOptions(owner)).challenge)).toBe(refused)
    expect(codeOf(await owner.post('/api/auth/passkeys/registration'))).toBe('403 REAUTHENTICATION_REQUIRED')
    expect(await prove(device, (await stepUpOptions(owner)).challenge)).toBe('200')
  })
})
