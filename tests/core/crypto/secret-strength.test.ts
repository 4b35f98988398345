import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { refuseWeakSecret } from '../../../core/crypto/secret-strength.ts'

describe('a secret of the configuration', () => {
  test.each([
    ['', 'is not set'],
    ['x', 'repeats one character'],
    ['0'.repeat(64), 'repeats one character'],
    ['kR7#vQ2m!xZ9pL4wT6yB8nH3jD5fG1s', 'is shorter than 32 bytes'],
    ['change-me-change-me-change-me-change-me', 'is the example value'],
    ['CHANGE_ME_kR7#vQ2m!xZ9pL4wT6yB8nH3jD5fG', 'is the example value'],
    ['replace-with-the-output-of-openssl-rand', 'is the example value'],
    ['<32 random bytes in base64, kept secret>', 'is the example value'],
    ['example-master-key-0123456789-abcdefghij', 'is the example value'],
    ['your-secret-key-that-nobody-else-knows-1', 'is the example value'],
    ['kR7#vQ2m'.repeat(4), 'repeats a short pattern'],
    ['kR7#vQ2m!xZ9pL4w'.repeat(3), 'repeats a short pattern'],
    ['0110100110010110100101100110100110010110', 'has too few distinct characters'],
    ['abcdefghijklmnopqrstuvwxyz0123456789', 'runs through neighbouring characters'],
    ['qwertyuiopasdfghjklzxcvbnm1234567890', 'runs through neighbouring characters'],
  ])('K7 is refused: %j %s', (secret, reason) => {
    expect(refuseWeakSecret(secret)).toBe(reason)
  })

  test('K7 counts bytes, not characters', () => {
    const umlauts = 'äöüßéèêëàâîïôùûç'
    expect(umlauts).toHaveLength(16)
    expect(refuseWeakSecret(umlauts)).toBeUndefined()
    expect(refuseWeakSecret(umlauts.slice(1))).toBe('is shorter than 32 bytes')
  })

  test('K7 is accepted where it is random: 30,000 in hex, base64 and base64url', () => {
    const refused = Array.from({ length: 10_000 }, () => randomBytes(32))
      .flatMap((bytes) => [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')])
      .filter((secret) => refuseWeakSecret(secret) !== undefined)
    expect(refused).toEqual([])
  })

  test('K7 is accepted as a long passphrase', () => {
    expect(refuseWeakSecret('mirror lantern orbit cabbage violin saddle thunder')).toBeUndefined()
  })
})
