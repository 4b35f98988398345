import type { ScopedReads } from '../../../core/scope/user-scope.ts'
import { sections } from './all.ts'

/** How many rows an export holds, as things are. */
export async function countRows(scope: ScopedReads): Promise<number> {
  const counts = await Promise.all(sections.map((section) => section.count(scope)))
  return counts.reduce((sum, count) => sum + count, 0)
}
