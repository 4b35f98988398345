import type { Keyring } from '../crypto/keyring.ts'
import { type AuditRow, auditPages } from '../store/audit-rows.ts'
import type { Db } from '../store/store.ts'
import { hashAfter } from './entry.ts'

/**
 * What was done to a chain:
 * edited: the row is not as it was written (a row forged onto the very end looks the same);
 * dropped: the row that belongs here is gone, and later ones are there;
 * reordered: the row that belongs here stands elsewhere in the chain;
 * inserted: a row that was never written pushed the one that belongs here back;
 * truncated: a checkpoint knows of this row, and the chain ends before it;
 * rebuilt: the hashes are right, but not those that a checkpoint saw or the next row refers to.
 */
export type Fault = 'edited' | 'dropped' | 'reordered' | 'inserted' | 'truncated' | 'rebuilt'

/** The place where the walk along a chain met something else than the next entry. */
export interface Break {
  /** The row that was met. */
  readonly row: AuditRow
  /** The place that was due. */
  readonly seq: number
  /** The hash that the row at this place must refer to, in hex. */
  readonly prev: string
}

/** Whether the row's hash is right for its contents, at its own place or at another. Never throws, whatever it holds. */
export function isGenuine(keyring: Keyring, row: AuditRow, seq: number = row.seq): boolean {
  const { prev, hash } = row
  if (prev === null || hash === null) return false
  return hashAfter(keyring, seq === row.seq ? row : { ...row, seq }, prev).toString('hex') === hash
}

/** Names the fault at a break. Reads the whole chain once more: done for the first break only. */
export async function nameFault(db: Db, keyring: Keyring, { row, seq, prev }: Break): Promise<Fault> {
  if (row.seq === seq && isGenuine(keyring, row)) return 'rebuilt'
  let duePresent = false
  // Counted, since a number that somebody wrote may be beyond all counting.
  let length = 0
  for await (const page of auditPages(db, row.subjectId)) {
    for (const other of page) {
      length += 1
      duePresent ||= other.prev === prev && isGenuine(keyring, other, seq)
    }
  }
  const moved = row.seq !== seq || standsElsewhere(keyring, row, length)
  if (duePresent) return moved ? 'reordered' : 'inserted'
  return moved ? 'dropped' : 'edited'
}

/** Whether the row was written for another place of the chain. */
function standsElsewhere(keyring: Keyring, row: AuditRow, length: number): boolean {
  // One beyond the end: the last row, moved up after another was dropped.
  for (let seq = 1; seq <= length + 1; seq += 1) if (isGenuine(keyring, row, seq)) return true
  return false
}
