import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { providerKeys } from '../../core/store/schema.ts'
import { keySummary, summaryOf } from './key-summary.ts'

/** All provider keys of the user, newest first. There are few enough for one page. */
export function listKeys(): Operation {
  return operation({
    method: 'GET',
    url: '/api/keys',
    access: 'session',
    summary: 'List your provider keys',
    schema: { response: { 200: z.object({ keys: z.array(keySummary) }) } },
    async handle({ scope }, reply) {
      const rows = await scope.list(providerKeys, { limit: 1_000 })
      return reply(200, { keys: await Promise.all(rows.map((row) => summaryOf(scope, row))) })
    },
  })
}
