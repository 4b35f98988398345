import * as z from 'zod'
import { type Operation, operation } from '../../../core/http/operation.ts'
import { idOf } from '../../../core/ids.ts'
import { incidentRecord, listIncidents as readIncidents } from '../../../core/incidents/read-incidents.ts'
import type { Platform } from '../../../core/platform.ts'

/** Incidents of any age, newest first, with what is owed about each and what is late. */
export function listIncidents(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/admin/incidents',
    access: 'admin',
    summary: 'List the incidents',
    schema: {
      query: z.strictObject({
        cursor: idOf('incident').optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      }),
      response: { 200: z.object({ incidents: z.array(incidentRecord), nextCursor: idOf('incident').nullable() }) },
    },
    async handle({ query: { cursor: before, limit } }, reply) {
      const found = await readIncidents(platform, { before, limit: limit + 1 })
      const incidents = found.slice(0, limit)
      const last = found.length > limit ? incidents.at(-1) : undefined
      return reply(200, { incidents, nextCursor: last?.id ?? null })
    },
  })
}
