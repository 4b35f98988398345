import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'

const entry = z.object({
  seq: z.int(),
  ts: z.int(),
  actorKind: z.enum(['user', 'api_key', 'admin', 'system']),
  action: z.string(),
  targetKind: z.string(),
  targetId: z.string(),
  detail: z.record(z.string(), z.unknown()),
})

/** Newest first. `next` is the `before` of the following page, or null on the last. */
export function listAudit(): Operation {
  return operation({
    method: 'GET',
    url: '/api/auth/audit',
    access: 'session',
    summary: 'What happened to the account, and who did it',
    schema: {
      query: z.strictObject({
        before: z.coerce.number().int().positive().optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      }),
      response: { 200: z.object({ entries: z.array(entry), next: z.int().nullable() }) },
    },
    async handle({ scope, query: { before, limit } }, reply) {
      const page = await scope.audit({ limit: limit + 1, ...(before === undefined ? {} : { before }) })
      const entries = page.slice(0, limit)
      const next = page.length > limit ? (entries.at(-1)?.seq ?? null) : null
      return reply(200, { entries, next })
    },
  })
}
