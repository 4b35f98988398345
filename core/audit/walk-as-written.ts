import type { Keyring } from '../crypto/keyring.ts'
import type { UserId } from '../ids.ts'
import { auditPagesAsWritten, countAudit } from '../store/audit-rows.ts'
import type { Db } from '../store/store.ts'
import { type Checkpoint, headsIn } from './checkpoint.ts'
import { beginChain, type Chain, followChain } from './follow-chain.ts'
import type { Checkpoints } from './read-checkpoints.ts'

/**
 * Verifies the rows in the order in which they lie on disk, and each checkpoint where it was written between them.
 * Their numbers must be 1, 2, 3 … then, so that none is left out, and every chain must stand where the checkpoint saw
 * it. Answers undefined when anything is amiss: what it is, the walk along the chains finds out.
 */
export async function walkAsWritten(
  db: Db,
  keyring: Keyring,
  checkpoints: Checkpoints | undefined,
): Promise<{ readonly chains: number; readonly rows: number } | undefined> {
  const chains = new Map<UserId, Chain>()
  let rows = 0
  const chainOf = (subjectId: UserId): Chain => {
    const known = chains.get(subjectId)
    if (known !== undefined) return known
    const chain = beginChain(subjectId)
    chains.set(subjectId, chain)
    return chain
  }
  const witnesses = checkpoints?.each()
  const nextWitness = async (): Promise<Checkpoint | undefined> => (await witnesses?.next())?.value
  try {
    let witness = await nextWitness()
    for await (const page of auditPagesAsWritten(db)) {
      for (const row of page) {
        const chain = chainOf(row.subjectId)
        if (row.rowid !== rows + 1 || !followChain(keyring, chain, row)) return undefined
        rows += 1
        while (witness?.rows === rows) {
          if (!holds(witness, chains)) return undefined
          witness = await nextWitness()
        }
      }
    }
    // One that is left over saw more rows than there are, or is not in the order of the others.
    if (witness !== undefined || (await countAudit(db)) !== rows) return undefined
    return { chains: chains.size, rows }
  } finally {
    await witnesses?.return(undefined)
  }
}

function holds(witness: Checkpoint, chains: ReadonlyMap<UserId, Chain>): boolean {
  return headsIn(witness).every(([subjectId, [seq, hash]]) => {
    const chain = chains.get(subjectId)
    return chain?.seq === seq && chain.hash === hash
  })
}
