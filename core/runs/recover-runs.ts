import { inArray } from 'drizzle-orm'
import { newId } from '../ids.ts'
import { settleReservation } from '../plans/reserve-run.ts'
import { insideOf, type Platform } from '../platform.ts'
import { createUserScope } from '../scope/user-scope.ts'
import { forget, listInstances, type ProcessName } from '../store/instances.ts'
import { runs } from '../store/schema.ts'
import { liveRunsOf } from './live-runs.ts'
import { canGo } from './run-state.ts'

/** Runs that share one commit. */
const atOnce = 100

/**
 * Marks as interrupted every run that nobody works on any more: those of instances that are dead or unknown, and those
 * of our own whose end could not be written. Runs of other instances that live are left alone; see `listInstances` for
 * `silence`. Answers how many.
 */
export async function recoverRuns(
  platform: Platform,
  self: ProcessName,
  silence?: 'tells' | 'tells nothing',
): Promise<number> {
  const { store, keyring, clock } = insideOf(platform)
  const open = await store.read
    .select({ id: runs.id, userId: runs.userId, instanceId: runs.instanceId })
    .from(runs)
    .where(inArray(runs.state, ['queued', 'streaming']))
  // Read after the rows as well: an instance that came in between has signed on before its first run.
  const known = await listInstances(store, self, clock(), silence)
  const alive = new Set(known.filter(({ dead }) => !dead).map(({ id }) => id))
  // Read after the rows: a run that ended in between is final in the database by now, and left alone below.
  const live = liveRunsOf(platform)
  const lost = open.filter(({ id, instanceId }) => (instanceId === self.id ? !live.holds(id) : !alive.has(instanceId)))
  const interrupt = ({ id, userId }: (typeof lost)[number]): Promise<boolean> => {
    const actor = { kind: 'system', id: self.id, requestId: newId('request') } as const
    return createUserScope({ store, keyring, clock }, userId, actor).write(async (tx) => {
      const [run] = await tx.list(runs, { where: { id }, limit: 1 })
      if (run === undefined || !canGo(run.state, 'interrupted')) return false
      const event = { type: 'run.finished', state: 'interrupted' } as const
      await tx.update(runs, id, { state: 'interrupted', finishedAt: clock() }, event)
      // Whether the provider had begun to answer is not known: in doubt the run does not count.
      await settleReservation(platform.config, tx, id, false)
      return true
    })
  }
  let recovered = 0
  for (let at = 0; at < lost.length; at += atOnce) {
    const done = await Promise.all(lost.slice(at, at + atOnce).map(interrupt))
    recovered += done.filter(Boolean).length
  }
  await forget(
    store,
    known.filter(({ dead }) => dead).map(({ id }) => id),
  )
  return recovered
}
