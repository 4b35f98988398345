import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minute, second } from '../../../core/clock.ts'
import type { Deviation } from '../../support/authenticator.ts'
import { onPostgres } from '../../support/database.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, actionsOf, codeOf, freshAddress, openLab } from './lab.ts'
import {
  addPasskey,
  authenticator,
  creationOptionsOf,
  refused,
  signInBy,
  signInOptions,
  stepUpOptions,
  withoutIds,
  withPasskey,
} from './passkey-lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

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
    { algorithm: 'ES256', attestation: 'maker' },
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
      expect((await owner.delete(path)).json()).toEqual({ bytesErased: !onPostgres })
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
    const { owner, device } = await withPasskey(lab)
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
    const { device } = await withPasskey(lab)
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
    const { owner } = await withPasskey(lab)
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
