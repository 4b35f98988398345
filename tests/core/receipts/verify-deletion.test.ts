import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicKeyPem, sign } from '../../../core/crypto/signing.ts'
import { fingerprintOf } from '../../../core/export/verify.mjs'
import { newId } from '../../../core/ids.ts'
import { canonicalJson } from '../../../core/receipts/canonical-json.ts'
import type { DeletionReceipt } from '../../../core/receipts/deletion-receipt.ts'
import { deletionSigner } from '../../../core/receipts/sign-deletion.ts'
import { verifyDeletion } from '../../../core/receipts/verify-deletion.ts'
import { startOort, type TestOort } from '../../support/oort.ts'

let oort: TestOort
let receipt: DeletionReceipt
beforeAll(async () => {
  oort = await startOort()
  receipt = deletionSigner(oort.platform).sign(newId('user'), newId('request'), {
    rowsDeleted: { runs: 2, sessions: 1, users: 1 },
    deletedAt: 1_764_000_000_000,
    auditHead: { seq: 7, hash: randomBytes(32) },
  })
})
afterAll(() => oort.close())

const faultIn = (text: string, key?: string) => {
  const verdict = verifyDeletion(text, { key })
  return verdict.intact ? undefined : verdict.fault
}

describe('a receipt', () => {
  test('is intact as it was handed out, alone or within its answer, however it is laid out', () => {
    for (const text of [receipt, { rowsDeleted: {}, bytesErased: true, receipt }].map((each) => JSON.stringify(each))) {
      expect(verifyDeletion(text)).toEqual({
        intact: true,
        statement: receipt.statement,
        fingerprint: receipt.fingerprint,
      })
      expect(faultIn(JSON.stringify(JSON.parse(text), undefined, 2), receipt.fingerprint)).toBeUndefined()
    }
  })

  test('is refused with any single byte changed', () => {
    const bytes = Buffer.from(JSON.stringify(receipt))
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ bit
        expect([at, bit, faultIn(changed.toString('utf8'))]).not.toEqual([at, bit, undefined])
      }
    }
  })

  test('is refused without its end, with a member more, and as any other text', () => {
    const text = JSON.stringify(receipt)
    for (let length = 0; length < text.length; length += 1) expect(faultIn(text.slice(0, length))).toBe('not_a_receipt')
    const more = { ...receipt, statement: { ...receipt.statement, email: 'a@example.com' } }
    for (const other of [more, { ...receipt, note: '' }, [], null, { receipt: null }]) {
      expect(faultIn(JSON.stringify(other))).toBe('not_a_receipt')
    }
  })

  test('is told from a forgery by the fingerprint of the key, and by nothing else', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const publicKey = publicKeyPem(privateKey)
    const statement = { ...receipt.statement, total: 5, rowsDeleted: { ...receipt.statement.rowsDeleted, runs: 3 } }
    const signature = sign(privateKey, canonicalJson(statement)).toString('hex')
    const forged = JSON.stringify({ statement, signature, publicKey, fingerprint: fingerprintOf(publicKey) })
    expect(faultIn(forged)).toBeUndefined()
    expect(faultIn(forged, receipt.fingerprint)).toBe('key_foreign')
    const borrowed = JSON.stringify({ statement, signature, publicKey, fingerprint: receipt.fingerprint })
    expect(faultIn(borrowed)).toBe('key_altered')
  })

  test('whose rows do not add up is refused, signed or not', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const publicKey = publicKeyPem(privateKey)
    const statement = { ...receipt.statement, total: 5 }
    const signature = sign(privateKey, canonicalJson(statement)).toString('hex')
    const fingerprint = fingerprintOf(publicKey)
    expect(faultIn(JSON.stringify({ statement, signature, publicKey, fingerprint }))).toBe('total_wrong')
  })
})
