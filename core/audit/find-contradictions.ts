import type { UserId } from '../ids.ts'
import { hashesAt } from '../store/audit-rows.ts'
import type { Db } from '../store/store.ts'
import { headsIn } from './checkpoint.ts'
import type { Checkpoints } from './read-checkpoints.ts'

/** Heads that are looked up in one statement. */
const atOnce = 500

/**
 * The chains that a checkpoint contradicts, each with the lowest place at which it holds another entry than the
 * checkpoint saw, or none. All checkpoints count and not the last alone: a chain that was cut, and grew on past its old
 * end, agrees with the later ones. With `only` one chain is looked at.
 */
export async function findContradictions(
  db: Db,
  checkpoints: Checkpoints | undefined,
  only: UserId | undefined,
): Promise<ReadonlyMap<UserId, number>> {
  const found = new Map<UserId, number>()
  if (checkpoints === undefined) return found
  for await (const checkpoint of checkpoints.each()) {
    const heads = headsIn(checkpoint).filter(([subjectId]) => only === undefined || subjectId === only)
    for (let at = 0; at < heads.length; at += atOnce) {
      const some = heads.slice(at, at + atOnce)
      const hashes = await hashesAt(
        db,
        some.map(([subjectId, [seq]]) => ({ subjectId, seq })),
      )
      for (const [subjectId, [seq, hash]] of some) {
        if (hashes.get(subjectId) === hash) continue
        found.set(subjectId, Math.min(seq, found.get(subjectId) ?? seq))
      }
    }
  }
  return found
}
