import { setTimeout as sleep } from 'node:timers/promises'
import { second } from '../clock.ts'
import { OortError } from '../errors.ts'
import type { RunId } from '../ids.ts'
import type { Platform } from '../platform.ts'
import type { UserScope } from '../scope/user-scope.ts'
import { runs } from '../store/schema.ts'
import { liveRunsOf } from './live-runs.ts'
import type { Run } from './run-order.ts'
import { isFinal } from './run-state.ts'

/** Another process looks once a second (see watch.ts), and then has the end to write down. */
const patience = 5 * second
const glance = second / 10

/**
 * Ends a run that is under way, and the provider's work on it, in whichever process it is; resolves with what became of
 * it. One that has ended already stays as it is. Throws NOT_FOUND, for a foreign run as for a missing one, and CONFLICT
 * when the process that has it does not answer in time: the request to end it stands all the same.
 */
export async function cancelRun(platform: Platform, scope: UserScope, id: RunId): Promise<Run> {
  const run = await scope.find(runs, id)
  if (isFinal(run.state)) return run
  const live = liveRunsOf(platform).find(id)
  if (live === undefined) return await cancelElsewhere(platform, scope, id)
  live.abort(new OortError('RUN_CANCELLED'))
  await live.settled
  return await scope.find(runs, id)
}

async function cancelElsewhere({ clock }: Platform, scope: UserScope, id: RunId): Promise<Run> {
  await scope.write(async (tx) => {
    const { state, cancelRequestedAt } = await tx.find(runs, id)
    if (isFinal(state) || cancelRequestedAt !== null) return
    await tx.update(runs, id, { cancelRequestedAt: clock() }, { type: 'run.cancel_requested' })
  })
  for (let waited = 0; waited <= patience; waited += glance) {
    const run = await scope.find(runs, id)
    if (isFinal(run.state)) return run
    await sleep(glance)
  }
  throw new OortError('CONFLICT', { detail: 'The process that has this run was asked to end it and has not yet.' })
}
