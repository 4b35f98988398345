import type { Keyring } from '../crypto/keyring.ts'
import type { UserId } from '../ids.ts'
import { type AuditRow, auditPages, auditPagesAsWritten, auditRowAt, countAudit } from '../store/audit-rows.ts'
import type { Db } from '../store/store.ts'
import { firstPrev } from './entry.ts'
import { type Fault, isGenuine, nameFault } from './name-fault.ts'
import type { Checkpoints } from './read-checkpoints.ts'

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

interface Walked {
  chains: number
  rows: number
  unwitnessed: number
  readonly seen: Set<UserId>
}

interface Chain {
  readonly subjectId: UserId
  seq: number
  hash: string
}

const noHash = firstPrev.toString('hex')

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
  if (whole !== undefined) return whole
  const walked: Walked = { chains: 0, rows: 0, unwitnessed: 0, seen: new Set() }
  let chain: Chain | undefined
  for await (const page of auditPages(db, only)) {
    for (const row of page) {
      if (chain?.subjectId !== row.subjectId) {
        const flaw = await endChain(db, walked, checkpoints, chain)
        if (flaw !== undefined) return flaw
        chain = { subjectId: row.subjectId, seq: 0, hash: noHash }
      }
      if (!follows(keyring, chain, row)) {
        const due = chain.seq + 1
        const fault = await nameFault(db, keyring, { row, seq: due, prev: chain.hash })
        return { intact: false, fault, subjectId: chain.subjectId, seq: due }
      }
      chain.seq = row.seq
      chain.hash = row.hash ?? noHash
      walked.rows += 1
    }
  }
  const flaw = (await endChain(db, walked, checkpoints, chain)) ?? missingChain(walked, checkpoints, only)
  if (flaw !== undefined) return flaw
  return { intact: true, chains: walked.chains, rows: walked.rows, unwitnessed: walked.unwitnessed }
}

/**
 * Verifies the rows in the order in which they lie on disk. Their numbers must be 1, 2, 3 … then, so that none is left
 * out. Answers undefined when anything is amiss: what it is, the walk along the chains finds out.
 */
async function walkAsWritten(
  db: Db,
  keyring: Keyring,
  checkpoints: Checkpoints | undefined,
): Promise<Verdict | undefined> {
  const chains = new Map<UserId, Chain>()
  let rows = 0
  for await (const page of auditPagesAsWritten(db)) {
    for (const row of page) {
      const { subjectId } = row
      const chain = chains.get(subjectId) ?? { subjectId, seq: 0, hash: noHash }
      if (row.rowid !== rows + 1 || !follows(keyring, chain, row)) return undefined
      rows += 1
      chain.seq = row.seq
      chain.hash = row.hash ?? noHash
      chains.set(subjectId, chain)
    }
  }
  if ((await countAudit(db)) !== rows) return undefined
  let witnessed = 0
  for (const [subjectId, head] of checkpoints?.heads ?? []) {
    if (!(await agrees(db, subjectId, head))) return undefined
    witnessed += head[0]
  }
  return { intact: true, chains: chains.size, rows, unwitnessed: rows - witnessed }
}

function follows(keyring: Keyring, chain: Chain, row: AuditRow): boolean {
  return row.seq === chain.seq + 1 && row.prev === chain.hash && isGenuine(keyring, row)
}

/** Compares a chain that was walked to its end with what the checkpoints saw of it. */
async function endChain(
  db: Db,
  walked: Walked,
  checkpoints: Checkpoints | undefined,
  chain: Chain | undefined,
): Promise<Flaw | undefined> {
  if (chain === undefined) return undefined
  const { subjectId, seq: length } = chain
  walked.chains += 1
  walked.seen.add(subjectId)
  const head = checkpoints?.heads.get(subjectId)
  walked.unwitnessed += length - (head?.[0] ?? 0)
  if (checkpoints === undefined || head === undefined) return undefined
  // The chain holds together, so where its furthest witness agrees all before agree.
  if (await agrees(db, subjectId, head)) return undefined
  for await (const witness of checkpoints.headsOf(subjectId)) {
    if (await agrees(db, subjectId, witness)) continue
    const [seq] = witness
    if (seq > length) return { intact: false, fault: 'truncated', subjectId, seq: length + 1 }
    return { intact: false, fault: 'rebuilt', subjectId, seq }
  }
  return undefined
}

async function agrees(db: Db, subjectId: UserId, [seq, hash]: readonly [number, string]): Promise<boolean> {
  return (await auditRowAt(db, subjectId, seq))?.hash === hash
}

/** A chain of which the checkpoints know and the database does not. */
function missingChain(
  { seen }: Walked,
  checkpoints: Checkpoints | undefined,
  only: UserId | undefined,
): Flaw | undefined {
  for (const subjectId of checkpoints?.heads.keys() ?? []) {
    if (seen.has(subjectId) || (only !== undefined && only !== subjectId)) continue
    return { intact: false, fault: 'truncated', subjectId, seq: 1 }
  }
  return undefined
}
