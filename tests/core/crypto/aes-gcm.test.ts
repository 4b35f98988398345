import { createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { decrypt } from '../../../core/crypto/aes-gcm.ts'
import { OortError } from '../../../core/errors.ts'
import vectors from '../../vectors/aes-256-gcm.json' with { type: 'json' }

const fromHex = (hex: string) => Buffer.from(hex, 'hex')

function outcome({ key, iv, tag, ct, aad }: (typeof vectors.tests)[number]): string {
  try {
    const box = { iv: fromHex(iv), tag: fromHex(tag), ciphertext: fromHex(ct) }
    return decrypt(createSecretKey(fromHex(key)), box, fromHex(aad)).toString('hex')
  } catch (error) {
    return error instanceof OortError ? error.code : 'another error'
  }
}

describe('K1 Wycheproof, AES-256-GCM with a 96-bit IV and a 128-bit tag', () => {
  const valid = vectors.tests.filter(({ result }) => result === 'valid')
  const invalid = vectors.tests.filter(({ result }) => result === 'invalid')

  test('K1 the whole set is here: 39 valid and 27 invalid', () => {
    expect([valid.length, invalid.length, vectors.tests.length]).toEqual([39, 27, 66])
  })

  test('K1 39 of 39 valid ciphertexts open to their message', () => {
    expect(valid.map((vector) => [vector.tcId, outcome(vector)])).toEqual(valid.map(({ tcId, msg }) => [tcId, msg]))
  })

  test('K1 27 of 27 invalid ciphertexts are refused', () => {
    expect(invalid.map((vector) => [vector.tcId, outcome(vector)])).toEqual(
      invalid.map(({ tcId }) => [tcId, 'DECRYPTION_FAILED']),
    )
  })
})
