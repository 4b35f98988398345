import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { isFinal } from '../../core/runs/run-state.ts'
import { idempotencyKeys, runs, runTerms } from '../../core/store/schema.ts'

/**
 * Removes a run with its prompt, its output and its words in the search index, and the answers kept
 * for its Idempotency-Key, and their bytes from the disk. CONFLICT
 * for a run that is under way: cancel it first. Another user's run answers exactly like a missing one.
 */
export function deleteRun(platform: Platform): Operation {
  return operation({
    method: 'DELETE',
    url: '/api/runs/:runId',
    access: 'runs:delete',
    summary: 'Delete a run',
    schema: {
      params: z.strictObject({ runId: idOf('run') }),
      response: { 200: z.object({ bytesErased: z.boolean() }) },
    },
    async handle({ scope, params: { runId } }, reply) {
      await scope.write(async (tx) => {
        const { state, createdAt } = await tx.find(runs, runId)
        if (!isFinal(state)) throw new OortError('CONFLICT', { detail: 'The run is under way: cancel it first.' })
        await tx.delete(runs, runId, { type: 'run.deleted' })
        await tx.forgetAnswers(createdAt)
      })
      return reply(200, { bytesErased: await platform.eraseTraces([runs, runTerms, idempotencyKeys]) })
    },
  })
}
