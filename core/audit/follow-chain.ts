import type { Keyring } from '../crypto/keyring.ts'
import type { UserId } from '../ids.ts'
import type { AuditRow } from '../store/audit-rows.ts'
import { firstPrev } from './entry.ts'
import { isGenuine } from './name-fault.ts'

/** A chain as far as it was followed: the number and the hash of its last entry so far. */
export interface Chain {
  readonly subjectId: UserId
  seq: number
  hash: string
}

const noHash = firstPrev.toString('hex')

/** A chain of which nothing was seen yet. */
export function beginChain(subjectId: UserId): Chain {
  return { subjectId, seq: 0, hash: noHash }
}

/** Takes the row for the chain's next entry, if that is what it is; answers whether it is. */
export function followChain(keyring: Keyring, chain: Chain, row: AuditRow): boolean {
  if (row.seq !== chain.seq + 1 || row.prev !== chain.hash || !isGenuine(keyring, row)) return false
  chain.seq = row.seq
  chain.hash = row.hash ?? noHash
  return true
}
