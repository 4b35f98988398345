import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../core/config.ts'
import { type StoredKeyVersion, unlockKeyring } from '../../../core/crypto/unlock-keyring.ts'

const [a, b, c] = ['a', 'b', 'c'].map((name) => `secret ${name}: any text will do for these tests`)
if (a === undefined || b === undefined || c === undefined) throw new Error('unreachable')
const context = { table: 'users', column: 'email', rowId: 'usr_1', userId: 'usr_1' }

const { keyring: made, toStore: onlyA } = unlockKeyring({ current: a }, [])
const { keyring: rotated, toStore: addedB } = unlockKeyring({ current: b, previous: a }, onlyA)
const both: readonly StoredKeyVersion[] = [...addedB, ...onlyA]
const rekeyed: readonly StoredKeyVersion[] = [...addedB, ...onlyA.map((version) => ({ ...version, root: null }))]

describe('unlocking a database', () => {
  test('of no versions makes version 1 and hands it over to be stored', () => {
    expect(made.versions).toEqual([1])
    expect(onlyA.map(({ version }) => version)).toEqual([1])
  })

  test('gives every new database a root of its own, though they share a secret', () => {
    const other = unlockKeyring({ current: a }, []).keyring
    expect(other.mac('audit', 'row')).not.toEqual(made.mac('audit', 'row'))
  })

  test('with its secret opens what was sealed before, and stores nothing', () => {
    const sealed = made.seal('a@b.example', context)
    const { keyring, toStore } = unlockKeyring({ current: a }, onlyA)
    expect(toStore).toEqual([])
    expect(keyring.openText(sealed, context)).toBe('a@b.example')
    expect(keyring.blindIndex('email', 'x')).toEqual(made.blindIndex('email', 'x'))
  })

  test('K6 with a wrong secret is refused, in words that hold no secret', () => {
    const attempt = () => unlockKeyring({ current: b }, onlyA)
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow(/^BYOK_MASTER_KEY does not open this database$/)
    expect(() => unlockKeyring({ current: b, previous: c }, onlyA)).toThrow(ConfigError)
  })

  test('K5 with a new secret and the old one as previous makes the next version over the same root', () => {
    expect(rotated.versions).toEqual([2, 1])
    expect(addedB.map(({ version }) => version)).toEqual([2])
    expect(rotated.blindIndex('email', 'x')).toEqual(made.blindIndex('email', 'x'))
    expect(rotated.openText(made.seal('old', context), context)).toBe('old')
  })

  test('K5 during a rotation restarts at the same versions, however often', () => {
    const { keyring, toStore } = unlockKeyring({ current: b, previous: a }, both)
    expect(keyring.versions).toEqual([2, 1])
    expect(toStore).toEqual([])
  })

  test('K5 during a rotation needs both secrets: values may be sealed under either', () => {
    expect(() => unlockKeyring({ current: b }, both)).toThrow(/^Values may still be sealed under version 1 /)
    expect(() => unlockKeyring({ current: c, previous: b }, both)).toThrow(
      /^Values may still be sealed under version 1 /,
    )
  })

  test('K5 after a rekey needs the new secret alone and no longer opens the old version', () => {
    const { keyring } = unlockKeyring({ current: b }, rekeyed)
    expect(keyring.versions).toEqual([2])
    expect(keyring.blindIndex('email', 'x')).toEqual(made.blindIndex('email', 'x'))
    expect(() => keyring.open(made.seal('old', context), context)).toThrow(
      expect.objectContaining({ code: 'DECRYPTION_FAILED' }),
    )
  })

  test('K5 after a rekey still starts where the retired secret is given as previous, and leaves it out', () => {
    expect(unlockKeyring({ current: b, previous: a }, rekeyed).keyring.versions).toEqual([2])
    expect(unlockKeyring({ current: c, previous: b }, rekeyed).keyring.versions).toEqual([3, 2])
  })

  test.each([
    ['during a rotation', both],
    ['after a rekey', rekeyed],
  ])(
    'K6 with an older secret as the current one is refused %s, whether or not the newer one is given too',
    (_, stored) => {
      const refused = stored === rekeyed ? /retired/ : /rotation to version 2 was begun/
      expect(() => unlockKeyring({ current: a }, stored)).toThrow(refused)
      expect(() => unlockKeyring({ current: a, previous: b }, stored)).toThrow(refused)
      expect(() => unlockKeyring({ current: c, previous: a }, stored)).toThrow(ConfigError)
    },
  )

  test('K6 with a mistyped previous secret is refused: the rows it sealed would not open', () => {
    expect(() => unlockKeyring({ current: b, previous: c }, both)).toThrow(/^BYOK_MASTER_KEY_PREVIOUS/)
  })

  test('takes a previous secret that equals the current one for none', () => {
    expect(unlockKeyring({ current: a, previous: a }, onlyA).keyring.versions).toEqual([1])
    expect(() => unlockKeyring({ current: b, previous: b }, onlyA)).toThrow(ConfigError)
  })

  test('refuses versions whose roots differ, and a root or canary taken from another version', () => {
    const [v1] = onlyA
    const [v2] = addedB
    const [foreign] = unlockKeyring({ current: a }, []).toStore
    if (v1 === undefined || v2 === undefined || foreign === undefined) throw new Error('unreachable')
    expect(() => unlockKeyring({ current: b, previous: a }, [v2, foreign])).toThrow(/different roots/)
    expect(() => unlockKeyring({ current: a }, [{ ...v1, root: v1.canary }])).toThrow(
      expect.objectContaining({ code: 'DECRYPTION_FAILED' }),
    )
    expect(() => unlockKeyring({ current: a }, [{ ...v1, version: 2 }])).toThrow(ConfigError)
  })

  test('K6 believes a canary for its text, not merely for opening', () => {
    const [v1] = onlyA
    if (v1 === undefined) throw new Error('unreachable')
    const place = { table: 'key_versions', column: 'canary', rowId: '1', userId: 'system' }
    expect(made.openText(v1.canary, place)).toMatch(/^oort: /)
    expect(() => unlockKeyring({ current: a }, [{ ...v1, canary: made.seal('another text', place) }])).toThrow(
      ConfigError,
    )
  })

  test('passes the count of sealed values on', () => {
    expect(unlockKeyring({ current: a }, onlyA, { sealCount: 41 }).keyring.sealCount).toBe(41)
  })
})
