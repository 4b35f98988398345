import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { apiKeys } from '../../core/store/schema.ts'
import { apiKeySummary, apiKeySummaryOf } from './api-key-summary.ts'

/** All API keys of the user, newest first, expired ones included. There are few enough for one page. */
export function listApiKeys(): Operation {
  return operation({
    method: 'GET',
    url: '/api/api-keys',
    access: 'session',
    summary: 'List your API keys',
    schema: { response: { 200: z.object({ apiKeys: z.array(apiKeySummary) }) } },
    async handle({ scope }, reply) {
      const rows = await scope.list(apiKeys, { limit: 1_000 })
      return reply(200, { apiKeys: rows.map(apiKeySummaryOf) })
    },
  })
}
