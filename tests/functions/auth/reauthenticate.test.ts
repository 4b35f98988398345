import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minute, second } from '../../../core/clock.ts'
import type { Authenticator } from '../../support/authenticator.ts'
import { type AuthLab, codeOf, openLab } from './lab.ts'
import { refused, signInBy, signInOptions, stepUpOptions, withPasskey } from './passkey-lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

describe('proving anew with a passkey that it is you', () => {
  test('renews the time of the proof once for each signature', async () => {
    const { owner, device } = await withPasskey(lab)
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
    const { owner, device } = await withPasskey(lab)
    const { device: foreign } = await withPasskey(lab)
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
