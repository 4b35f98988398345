import { setTimeout as sleep } from 'node:timers/promises'
import { countAppended } from './audit-rows.ts'
import type { Db } from './store.ts'

/** Units of work end within milliseconds; how long is looked on at one that does not. */
const longestWait = 5_000
const lookEvery = 10

/**
 * As `countAppended`, answered once no further row can appear up to that number: a row is numbered when it is written
 * and seen when it is committed, which others may do first. Whoever was adding rows when the number was read has ended
 * by then. Throws Error when somebody has not within `longest` milliseconds.
 */
export async function countSettled(db: Db, longest: number = longestWait): Promise<number> {
  const appended = await countAppended(db)
  const { addingEntries } = db.$dialect
  if (addingEntries === undefined) return appended
  const adding = async () => new Set((await db.all<{ readonly id: string }>(addingEntries)).map(({ id }) => id))
  const deadline = performance.now() + longest
  for (let awaited = await adding(); awaited.size > 0; awaited = awaited.intersection(await adding())) {
    if (performance.now() >= deadline) throw new Error('a unit of work has been adding to the audit log for too long')
    await sleep(lookEvery)
  }
  return appended
}
