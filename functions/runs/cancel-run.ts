import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { cancelRun as cancel } from '../../core/runs/cancel-run.ts'
import { runSummary, summaryOf } from './run-summary.ts'

/**
 * Ends a run that is under way, and the provider's work on it, and answers what became of it. A run that has ended
 * already stays as it is. Another user's run answers exactly like a missing one.
 */
export function cancelRun(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/runs/:runId/cancel',
    access: 'runs:create',
    summary: 'Cancel a run',
    schema: { params: z.strictObject({ runId: idOf('run') }), response: { 200: runSummary } },
    async handle({ scope, params }, reply) {
      return reply(200, summaryOf(await cancel(platform, scope, params.runId)))
    },
  })
}
