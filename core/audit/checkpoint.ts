import { createHash, type KeyObject } from 'node:crypto'
import type { Keyring } from '../crypto/keyring.ts'
import { sign, signingKey, verify } from '../crypto/signing.ts'
import type { UserId } from '../ids.ts'
import type { ChainHead } from '../store/audit-rows.ts'

/**
 * What the audit log looked like at one moment, signed and kept outside the database: one line of
 * `audit-checkpoints.ndjson`. Who can rewrite the database, even with the key of the hash chains, cannot make the
 * lines agree with it.
 */
export interface Checkpoint {
  /** 1, 2, 3 … */
  readonly n: number
  readonly ts: number
  /** How many audit rows had been appended. */
  readonly rows: number
  /** The heads of the chains that grew since the line before: `[seq, hash in hex]` by subject. */
  readonly heads: Readonly<Record<UserId, readonly [number, string]>>
  /** SHA-256 of the line before in hex, without its line feed; empty in the first. */
  readonly prev: string
}

export const checkpointFile = 'audit-checkpoints.ndjson'

/** The key that signs checkpoints; its public half checks them. */
export function checkpointKey(keyring: Keyring): KeyObject {
  return signingKey(keyring, 'audit-checkpoint')
}

/** The hash that the next line carries as `prev`. */
export function hashLine(line: string): string {
  return createHash('sha256').update(line, 'utf8').digest('hex')
}

/**
 * The line of a checkpoint, without a line feed. The signature (Ed25519, base64) is the last member and covers the
 * text of the object without it: what was signed can be cut out of the line as it is, with no canonical form.
 */
export function formatCheckpoint(key: KeyObject, checkpoint: Checkpoint): string {
  const { n, ts, rows, heads, prev } = checkpoint
  const signed = JSON.stringify({ n, ts, rows, heads, prev })
  return `${signed.slice(0, -1)},"signature":"${sign(key, signed).toString('base64')}"}`
}

const signedLine = /^(\{.+),"signature":"([A-Za-z0-9+/]{86}==)"\}$/

/** The checkpoint of a line whose signature is ours; undefined for any other text. */
export function parseCheckpoint(publicKey: KeyObject, line: string): Checkpoint | undefined {
  const [, body, signature] = signedLine.exec(line) ?? []
  if (body === undefined || signature === undefined) return undefined
  const signed = `${body}}`
  if (!verify(publicKey, signed, Buffer.from(signature, 'base64'))) return undefined
  // Signed by us, hence shaped by formatCheckpoint.
  return JSON.parse(signed) as Checkpoint
}

/** What a checkpoint saw of each chain. */
export function headsIn({ heads }: Checkpoint): readonly (readonly [UserId, readonly [seq: number, hash: string]])[] {
  return Object.entries(heads) as [UserId, readonly [number, string]][]
}

export function toHeads(heads: ReadonlyMap<UserId, ChainHead>): Checkpoint['heads'] {
  return Object.fromEntries([...heads].map(([subject, { seq, hash }]) => [subject, [seq, hash]]))
}
