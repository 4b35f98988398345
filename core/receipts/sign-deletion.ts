import { publicKeyPem, sign, signingKey } from '../crypto/signing.ts'
import { fingerprintOf } from '../export/verify.mjs'
import { insideOf, type Platform } from '../platform.ts'
import type { ErasedAccount } from '../scope/erase-account.ts'
import { canonicalJson } from './canonical-json.ts'
import type { DeletionReceipt, DeletionStatement } from './deletion-receipt.ts'

/** Signs what was deleted, with a key of its own: the same for a database for ever. */
export interface DeletionSigner {
  /** PEM (SPKI). */
  readonly publicKey: string
  /** SHA-256 of the public key (SPKI in DER), in hexadecimal. */
  readonly fingerprint: string
  /** The receipt of a committed deletion. It is kept nowhere: whoever is handed it has the only one. */
  sign(userId: string, requestId: string, erased: ErasedAccount): DeletionReceipt
}

export function deletionSigner(platform: Platform): DeletionSigner {
  const key = signingKey(insideOf(platform).keyring, 'deletion-receipt')
  const publicKey = publicKeyPem(key)
  const fingerprint = fingerprintOf(publicKey)
  return {
    publicKey,
    fingerprint,
    sign(userId, requestId, { rowsDeleted, deletedAt, auditHead: { seq, hash } }) {
      const statement: DeletionStatement = {
        version: 'oort-deletion/1',
        userId,
        deletedAt,
        rowsDeleted: { ...rowsDeleted },
        total: Object.values(rowsDeleted).reduce((sum, count) => sum + count, 0),
        requestId,
        auditHead: { seq, hash: hash.toString('hex') },
      }
      const signature = sign(key, canonicalJson(statement)).toString('hex')
      return { statement, signature, publicKey, fingerprint }
    },
  }
}
