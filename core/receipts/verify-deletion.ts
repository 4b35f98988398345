import { createPublicKey, type KeyObject } from 'node:crypto'
import { verify } from '../crypto/signing.ts'
import { fingerprintOf } from '../export/verify.mjs'
import { canonicalJson } from './canonical-json.ts'
import { type DeletionReceipt, type DeletionStatement, deletionReceipt } from './deletion-receipt.ts'

/** Why a receipt is refused. */
export type ReceiptFault = 'not_a_receipt' | 'key_altered' | 'signature_wrong' | 'total_wrong' | 'key_foreign'

export type ReceiptVerdict =
  | { readonly intact: true; readonly statement: DeletionStatement; readonly fingerprint: string }
  | { readonly intact: false; readonly fault: ReceiptFault }

/**
 * Checks a receipt offline: the text of a receipt, or of the answer to a deletion with its receipt in it. Without `key`
 * (a fingerprint) it cannot tell a forger, who signs with a key of their own: compare the verdict's fingerprint with
 * the one that the server tells. Throws nothing for a damaged receipt.
 */
export function verifyDeletion(text: string, { key }: { readonly key?: string | undefined } = {}): ReceiptVerdict {
  const receipt = readReceipt(text)
  if (receipt === undefined) return refused('not_a_receipt')
  const { statement, signature, publicKey, fingerprint } = receipt
  const signer = readKey(publicKey)
  if (signer === undefined || fingerprintOf(publicKey) !== fingerprint) return refused('key_altered')
  if (!verify(signer, canonicalJson(statement), Buffer.from(signature, 'hex'))) return refused('signature_wrong')
  const total = Object.values(statement.rowsDeleted).reduce((sum, count) => sum + count, 0)
  if (total !== statement.total) return refused('total_wrong')
  if (key !== undefined && key.toLowerCase() !== fingerprint) return refused('key_foreign')
  return { intact: true, statement, fingerprint }
}

function refused(fault: ReceiptFault): ReceiptVerdict {
  return { intact: false, fault }
}

function readReceipt(text: string): DeletionReceipt | undefined {
  try {
    const json: unknown = JSON.parse(text)
    const inner = typeof json === 'object' && json !== null && 'receipt' in json ? json.receipt : json
    return deletionReceipt.safeParse(inner).data
  } catch {
    return undefined
  }
}

/** An Ed25519 key in the very form in which it was handed out: base64 has spare bits that mean nothing. */
function readKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem)
    const same = key.export({ format: 'pem', type: 'spki' }) === pem
    return same && key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}
