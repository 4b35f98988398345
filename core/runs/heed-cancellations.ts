import { and, inArray, isNotNull } from 'drizzle-orm'
import { OortError } from '../errors.ts'
import { insideOf, type Platform } from '../platform.ts'
import { runs } from '../store/schema.ts'
import { liveRunsOf } from './live-runs.ts'

/** Ids of one query, well below what SQLite takes. */
const atOnce = 500

/**
 * Ends the runs under way in this process whose owner asked another process to end them (see cancel-run.ts). While no
 * run is under way it asks nothing.
 */
export async function heedCancellations(platform: Platform): Promise<void> {
  const live = liveRunsOf(platform)
  const { read } = insideOf(platform).store
  const ids = live.ids()
  for (let at = 0; at < ids.length; at += atOnce) {
    const asked = await read
      .select({ id: runs.id })
      .from(runs)
      .where(and(inArray(runs.id, ids.slice(at, at + atOnce)), isNotNull(runs.cancelRequestedAt)))
    for (const { id } of asked) live.find(id)?.abort(new OortError('RUN_CANCELLED'))
  }
}
