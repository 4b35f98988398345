import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { runs } from '../../core/store/schema.ts'
import { detailOf, runDetail } from './run-detail.ts'

/** One run with its prompt and output. Another user's run answers exactly like a missing one. */
export function getRun(): Operation {
  return operation({
    method: 'GET',
    url: '/api/runs/:runId',
    access: 'runs:read',
    summary: 'Read a run',
    schema: { params: z.strictObject({ runId: idOf('run') }), response: { 200: runDetail } },
    async handle({ scope, params }, reply) {
      const { prompt, output, ...run } = await scope.find(runs, params.runId, ['prompt', 'output'])
      return reply(200, detailOf(run, prompt ?? '', output))
    },
  })
}
