import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createKeyring } from '../../../core/crypto/keyring.ts'
import { publicKeyPem, sign, signingKey, verify } from '../../../core/crypto/signing.ts'

const root = randomBytes(32)
const first = { version: 1, secret: 'the first secret, long enough to be one' }
const second = { version: 2, secret: 'the second secret, long enough to be one' }
const third = { version: 3, secret: 'the third secret, long enough to be one' }
const context = { table: 'users', column: 'email', rowId: 'usr_1', userId: 'usr_1' }
const refused = expect.objectContaining({ code: 'DECRYPTION_FAILED' })

describe('a keyring', () => {
  test('seals text as UTF-8 under the current version and opens it again', () => {
    const keyring = createKeyring({ current: first, root })
    const sealed = keyring.seal('Grüße, 世界', context)
    expect(sealed.keyVersion).toBe(1)
    expect(keyring.openText(sealed, context)).toBe('Grüße, 世界')
    expect(keyring.open(sealed, context)).toEqual(Buffer.from('Grüße, 世界'))
  })

  test('K5 opens the previous version during a rotation, and refuses it once it is retired', () => {
    const sealed = createKeyring({ current: first, root }).seal('secret', context)
    const rotating = createKeyring({ current: second, previous: first, root })
    expect(rotating.versions).toEqual([2, 1])
    expect(rotating.openText(sealed, context)).toBe('secret')
    expect(rotating.seal('secret', context).keyVersion).toBe(2)
    const rotated = createKeyring({ current: third, previous: second, root })
    expect(() => rotated.open(sealed, context)).toThrow(refused)
    const sameSecret = createKeyring({ current: { ...first, version: 2 }, root })
    expect(() => sameSecret.open(sealed, context)).toThrow(refused)
  })

  test('refuses a value of one version that claims to be of another', () => {
    const sealed = createKeyring({ current: first, root }).seal('secret', context)
    const sameSecret = createKeyring({ current: { ...first, version: 2 }, previous: first, root })
    expect(() => sameSecret.open({ ...sealed, keyVersion: 2 }, context)).toThrow(refused)
  })

  test('keeps indexes, MACs and signatures when the master key rotates', () => {
    const before = createKeyring({ current: first, root })
    const after = createKeyring({ current: second, previous: first, root })
    expect(after.blindIndex('email', 'a@b.example')).toEqual(before.blindIndex('email', 'a@b.example'))
    expect(after.mac('audit', 'row')).toEqual(before.mac('audit', 'row'))
    expect(after.signingSeed('audit')).toEqual(before.signingSeed('audit'))
  })

  test('gives each use, each purpose and each root a key of its own', () => {
    const keyring = createKeyring({ current: first, root })
    const otherRoot = createKeyring({ current: first, root: randomBytes(32) })
    const outputs = [keyring, otherRoot].flatMap((ring) =>
      ['email', 'audit', 'a', 'a/b'].flatMap((purpose) => [
        ring.blindIndex(purpose, 'value'),
        ring.mac(purpose, 'value'),
        ring.signingSeed(purpose),
      ]),
    )
    expect(new Set(outputs.map((bytes) => bytes.toString('hex'))).size).toBe(2 * 4 * 3)
  })

  test('derives the keys that data at rest depends on: a changed label would strand every database', () => {
    const keyring = createKeyring({ current: first, root: Buffer.alloc(32, 7) })
    expect(keyring.blindIndex('email', 'a@b.example').toString('hex')).toBe(
      'bc46ff74d0dda4c20d61cccf7fec62a3e589f26fc9f9e80e683d35841ab34e71',
    )
    expect(keyring.mac('audit', 'row').toString('hex')).toBe(
      'd1ab4e3b1cf89b13ff20b092552690480a958f4e09ca6ef2f0b05ce1c34eb4ff',
    )
    expect(keyring.signingSeed('audit').toString('hex')).toBe(
      '8439d909fcb4088e1cd85e5753fb08c833c74d64675ed96bf2d1d2a33666eb24',
    )
  })

  test('K8 warns once when a version nears its limit, counting what was sealed before this process', () => {
    const warnings: unknown[] = []
    const onNearingLimit = (version: number, count: number) => warnings.push({ version, count })
    const keyring = createKeyring({ current: first, root }, { sealCount: 97, warnAt: 100, onNearingLimit })
    keyring.seal('1', context)
    keyring.seal('2', context)
    expect(warnings).toEqual([])
    for (let at = 0; at < 5; at += 1) keyring.seal('3', context)
    expect(warnings).toEqual([{ version: 1, count: 100 }])
    expect(keyring.sealCount).toBe(104)
  })

  test('K8 warns at 2^31 unless told otherwise', () => {
    const warnings: number[] = []
    const options = { sealCount: 2 ** 31 - 2, onNearingLimit: (_: number, count: number) => warnings.push(count) }
    const keyring = createKeyring({ current: first, root }, options)
    keyring.seal('1', context)
    expect(warnings).toEqual([])
    keyring.seal('2', context)
    expect(warnings).toEqual([2 ** 31])
  })

  test('is not made from a short root or from two secrets of one version', () => {
    expect(() => createKeyring({ current: first, root: root.subarray(1) })).toThrow(RangeError)
    expect(() => createKeyring({ current: first, previous: { ...second, version: 1 }, root })).toThrow(RangeError)
  })
})

describe('a signature', () => {
  const keyring = createKeyring({ current: first, root })
  const key = signingKey(keyring, 'audit')

  test('is checked with the public key alone', () => {
    const pem = publicKeyPem(key)
    expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\n/)
    expect(verify(pem, 'heads', sign(key, 'heads'))).toBe(true)
  })

  test('is refused for other data, for another purpose and in another shape', () => {
    const signature = sign(key, 'heads')
    expect(verify(publicKeyPem(key), 'heads!', signature)).toBe(false)
    expect(verify(publicKeyPem(signingKey(keyring, 'export')), 'heads', signature)).toBe(false)
    expect(verify(publicKeyPem(key), 'heads', signature.subarray(1))).toBe(false)
    expect(verify(publicKeyPem(key), 'heads', new Uint8Array(0))).toBe(false)
  })

  test('is that of RFC 8032, section 7.1, test 2', () => {
    const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex')
    const known = signingKey({ signingSeed: () => seed }, 'any')
    expect(sign(known, Buffer.from('72', 'hex')).toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
  })
})
