import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { providers } from '../../core/providers/provider.ts'
import { listRuns as listPage } from '../../core/runs/list-runs.ts'
import { runStates } from '../../core/runs/run-state.ts'
import { runSummary, summaryOf } from './run-summary.ts'

const listedRun = runSummary.extend({
  /** The first words of the prompt. */
  excerpt: z.string().nullable(),
})

/** The user's runs, newest first. `q` finds whole words of prompts, all of which must be there. */
export function listRuns(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/runs',
    access: 'runs:read',
    summary: 'List and search your runs',
    schema: {
      query: z.strictObject({
        cursor: z.string().max(100).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
        q: z.string().min(1).max(200).optional(),
        state: z.enum(runStates).optional(),
        provider: z.enum(providers).optional(),
        model: z.string().min(1).max(255).optional(),
        comparisonId: idOf('comparison').optional(),
      }),
      response: { 200: z.object({ runs: z.array(listedRun), nextCursor: z.string().nullable() }) },
    },
    async handle({ scope, query: { q: text, ...query } }, reply) {
      const { runs, nextCursor } = await listPage(platform, scope, { ...query, text })
      return reply(200, { runs: runs.map(({ excerpt, ...run }) => ({ ...summaryOf(run), excerpt })), nextCursor })
    },
  })
}
