import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { liveRunsOf } from '../../core/runs/live-runs.ts'
import { isFinal } from '../../core/runs/run-state.ts'
import { runs } from '../../core/store/schema.ts'
import { runSummary, summaryOf } from './run-summary.ts'

/**
 * Ends a run that is under way, and the provider's work on it, and answers what became of it. A run that has ended
 * already stays as it is. CONFLICT when another process has it. Another user's run answers exactly like a missing one.
 */
export function cancelRun(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/runs/:runId/cancel',
    access: 'runs:create',
    summary: 'Cancel a run',
    schema: { params: z.strictObject({ runId: idOf('run') }), response: { 200: runSummary } },
    async handle({ scope, params }, reply) {
      const run = await scope.find(runs, params.runId)
      if (isFinal(run.state)) return reply(200, summaryOf(run))
      const live = liveRunsOf(platform).find(run.id)
      live?.abort(new OortError('RUN_CANCELLED'))
      await live?.settled
      const after = await scope.find(runs, run.id)
      if (!isFinal(after.state)) throw new OortError('CONFLICT', { detail: 'Another process has this run.' })
      return reply(200, summaryOf(after))
    },
  })
}
