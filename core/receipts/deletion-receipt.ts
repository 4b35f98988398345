import * as z from 'zod'

const count = z.int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** What a deletion receipt states of an account that is no more: ids, counts and times, and nothing of a person. */
export const deletionStatement = z.strictObject({
  version: z.literal('oort-deletion/1'),
  userId: z.string(),
  /** Milliseconds since the epoch. */
  deletedAt: count.max(8.64e15),
  /** How many rows went, by table. */
  rowsDeleted: z.record(z.string(), count),
  total: count,
  /** Finds the deletion in the instance's own log. */
  requestId: z.string(),
  /** The last entry of the account's audit chain, which tells of the deletion: its number and its hash. */
  auditHead: z.strictObject({ seq: count.min(1), hash: sha256 }),
})

export type DeletionStatement = z.output<typeof deletionStatement>

/**
 * A statement that its instance cannot deny. The signature (Ed25519, hexadecimal) is over the statement's canonical
 * JSON in UTF-8. `fingerprint` is the SHA-256 of the public key (SPKI in DER).
 */
export const deletionReceipt = z.strictObject({
  statement: deletionStatement,
  signature: z.string().regex(/^[0-9a-f]{128}$/),
  publicKey: z.string().max(500),
  fingerprint: sha256,
})

export type DeletionReceipt = z.output<typeof deletionReceipt>
