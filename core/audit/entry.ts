import type { Keyring } from '../crypto/keyring.ts'
import type { UserId } from '../ids.ts'

/** One row of the audit log without its hash. */
export interface AuditEntry {
  /** Whose chain it stands in. */
  readonly subjectId: UserId
  /** 1, 2, 3 … without gaps in each chain. */
  readonly seq: number
  readonly ts: number
  readonly actorKind: 'user' | 'api_key' | 'admin' | 'system'
  readonly actorId: string
  readonly action: string
  readonly targetKind: string
  readonly targetId: string
  /** The event's further members as JSON. */
  readonly detail: string
  readonly requestId: string
  /** The hash of the entry before, or 32 zero bytes. */
  readonly prev: Buffer
}

export const firstPrev: Buffer = Buffer.alloc(32)

/**
 * The hash that ties an entry to all before it: HMAC-SHA-256 under a key derived for this purpose alone, over a JSON
 * array of every member, which leaves no two entries with the same text. Who lacks the key cannot rebuild a chain.
 */
export function hashEntry(keyring: Keyring, entry: AuditEntry): Buffer {
  return hashAfter(keyring, entry, entry.prev.toString('hex'))
}

/** As `hashEntry`, for an entry whose `prev` is at hand in lower-case hex. */
export function hashAfter(keyring: Keyring, entry: Omit<AuditEntry, 'prev'>, prev: string): Buffer {
  const canonical = JSON.stringify([
    'oort/audit/1',
    entry.subjectId,
    entry.seq,
    entry.ts,
    entry.actorKind,
    entry.actorId,
    entry.action,
    entry.targetKind,
    entry.targetId,
    entry.detail,
    entry.requestId,
    prev,
  ])
  return keyring.mac('audit', canonical)
}
