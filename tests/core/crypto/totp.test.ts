import { describe, expect, test } from 'vitest'
import { newTotpSecret, totpUri, verifyTotp } from '../../../core/crypto/totp.ts'

/** RFC 6238, appendix B: the secret is the ASCII text 12345678901234567890. */
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
/** Seconds → the last six of the eight digits there. */
const rfcCodes = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const

describe('a second-factor code', () => {
  test.each(rfcCodes)('of RFC 6238 is accepted at %i s, as the code of its step', (seconds, code) => {
    expect(verifyTotp(rfcSecret, code, seconds * 1_000)).toBe(Math.floor(seconds / 30))
  })

  test('is accepted one step early or late, still as the code of its own step, and no further away', () => {
    const [seconds, code] = rfcCodes[3]
    const step = Math.floor(seconds / 30)
    const middle = (step * 30 + 15) * 1_000
    const answers = [-2, -1, 0, 1, 2].map((steps) => verifyTotp(rfcSecret, code, middle + steps * 30_000))
    expect(answers).toEqual([undefined, step, step, step, undefined])
  })

  test('of any other shape than six digits is refused', () => {
    for (const code of ['', '28708', '2870822', '28708a', ' 287082', '287082\n', '94287082', '２８７０８２']) {
      expect(verifyTotp(rfcSecret, code, 59_000)).toBeUndefined()
    }
  })

  test('of another secret is refused', () => {
    expect(verifyTotp(newTotpSecret(), '287082', 59_000)).toBeUndefined()
  })
})

describe('a second-factor secret', () => {
  test('holds 160 random bits in base32', () => {
    const secrets = Array.from({ length: 1_000 }, newTotpSecret)
    for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(new Set(secrets).size).toBe(1_000)
  })

  test('goes to authenticator apps as an otpauth address that names us and the account', () => {
    const uri = new URL(totpUri(rfcSecret, 'a&b@example.org'))
    expect(uri.protocol).toBe('otpauth:')
    expect(decodeURIComponent(uri.pathname)).toBe('/Oort:a&b@example.org')
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Oort',
      secret: rfcSecret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
  })
})
