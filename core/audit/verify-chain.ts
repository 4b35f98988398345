import type { Keyring } from '../crypto/keyring.ts'
import type { UserId } from '../ids.ts'
import { auditPages } from '../store/audit-rows.ts'
import type { Db } from '../store/store.ts'
import { findContradictions } from './find-contradictions.ts'
import { beginChain, type Chain, followChain } from './follow-chain.ts'
import { type Fault, nameFault } from './name-fault.ts'
import type { Checkpoints } from './read-checkpoints.ts'
import { walkAsWritten } from './walk-as-written.ts'

export type Verdict =
  | {
      readonly intact: true
      readonly chains: number
      readonly rows: number
      /** Rows newer than the last checkpoint: their truncation would not show. More than a few hundred: ask why. */
      readonly unwitnessed: number
    }
  /** The first bad row in the order of (subject, seq). */
  | { readonly intact: false; readonly fault: Fault; readonly subjectId: UserId; readonly seq: number }
  /** The checkpoints themselves are not to be believed from this line on. */
  | { readonly intact: false; readonly fault: 'checkpoint_broken'; readonly line: number }

type Flaw = Exclude<Verdict, { readonly intact: true }>

/**
 * Verifies every chain: each row's HMAC, its link to the row before and its place, and against the checkpoints that
 * no chain ends early or was made anew. `db` is the reading side; memory grows with the number of chains, not of rows,
 * and other work goes on in between.
 */
export async function verifyChains(db: Db, keyring: Keyring, checkpoints?: Checkpoints): Promise<Verdict> {
  return verify(db, keyring, checkpoints, undefined)
}

/** Verifies the chain of one user, as `verifyChains` does for all. */
export async function verifyChain(
  db: Db,
  keyring: Keyring,
  userId: UserId,
  checkpoints?: Checkpoints,
): Promise<Verdict> {
  return verify(db, keyring, checkpoints, userId)
}

async function verify(
  db: Db,
  keyring: Keyring,
  checkpoints: Checkpoints | undefined,
  only: UserId | undefined,
): Promise<Verdict> {
  if (checkpoints?.brokenLine !== undefined) {
    return { intact: false, fault: 'checkpoint_broken', line: checkpoints.brokenLine }
  }
  const whole = only === undefined ? await walkAsWritten(db, keyring, checkpoints) : undefined
  if (whole !== undefined) return { intact: true, ...whole, unwitnessed: whole.rows - countWitnessed(checkpoints) }
  return walkAlongChains(db, keyring, checkpoints, only)
}

function countWitnessed(checkpoints: Checkpoints | undefined): number {
  let witnessed = 0
  for (const [seq] of checkpoints?.heads.values() ?? []) witnessed += seq
  return witnessed
}

/** Answers with the first flaw that it meets. */
async function walkAlongChains(
  db: Db,
  keyring: Keyring,
  checkpoints: Checkpoints | undefined,
  only: UserId | undefined,
): Promise<Verdict> {
  const contradicted = await findContradictions(db, checkpoints, only)
  const seen = new Set<UserId>()
  let rows = 0
  let unwitnessed = 0
  let chain: Chain | undefined

  /** Compares a chain that was walked to its end with what the checkpoints saw of it. */
  const end = (): Flaw | undefined => {
    if (chain === undefined) return undefined
    const { subjectId, seq: length } = chain
    seen.add(subjectId)
    unwitnessed += length - (checkpoints?.heads.get(subjectId)?.[0] ?? 0)
    const seq = contradicted.get(subjectId)
    if (seq === undefined) return undefined
    if (seq > length) return { intact: false, fault: 'truncated', subjectId, seq: length + 1 }
    return { intact: false, fault: 'rebuilt', subjectId, seq }
  }

  for await (const page of auditPages(db, only)) {
    for (const row of page) {
      if (chain?.subjectId !== row.subjectId) {
        const flaw = end()
        if (flaw !== undefined) return flaw
        chain = beginChain(row.subjectId)
      }
      const { subjectId, seq, hash: prev } = chain
      if (!followChain(keyring, chain, row)) {
        const fault = await nameFault(db, keyring, { row, seq: seq + 1, prev })
        return { intact: false, fault, subjectId, seq: seq + 1 }
      }
      rows += 1
    }
  }
  const flaw = end() ?? missingChain(contradicted, seen)
  return flaw ?? { intact: true, chains: seen.size, rows, unwitnessed }
}

/** A chain of which the checkpoints know and the database does not. */
function missingChain(contradicted: ReadonlyMap<UserId, number>, seen: ReadonlySet<UserId>): Flaw | undefined {
  for (const subjectId of contradicted.keys()) {
    if (!seen.has(subjectId)) return { intact: false, fault: 'truncated', subjectId, seq: 1 }
  }
  return undefined
}
