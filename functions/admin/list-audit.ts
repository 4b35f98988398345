import * as z from 'zod'
import { listEntries } from '../../core/audit/list-entries.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'

const entry = z.object({
  position: z.int(),
  /** Whose chain it is: a user, who may be gone, or the house. */
  subjectId: z.string(),
  seq: z.int(),
  ts: z.int(),
  actorKind: z.enum(['user', 'api_key', 'admin', 'system']),
  actorId: z.string(),
  action: z.string(),
  targetKind: z.string(),
  targetId: z.string(),
  detail: z.record(z.string(), z.unknown()),
  requestId: z.string(),
})

/** An id or an action. What is asked for may be gone, so that its kind is not checked. */
const word = z
  .string()
  .max(64)
  .regex(/^[\w.-]+$/)
const time = z.coerce.number().int().nonnegative()

/**
 * The audit log of all, newest first: ids, counts and words of fixed sets, as is all that the log holds. `from` is
 * included and `to` is not, in milliseconds since the epoch. Errors: CURSOR_INVALID.
 */
export function listAudit(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/admin/audit',
    access: 'admin',
    summary: 'Search the audit log',
    schema: {
      query: z.strictObject({
        actor: word.optional(),
        subject: word.optional(),
        action: word.optional(),
        target: word.optional(),
        from: time.optional(),
        to: time.optional(),
        cursor: z.coerce.number().int().positive().optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      }),
      response: { 200: z.object({ entries: z.array(entry), nextCursor: z.int().nullable() }) },
    },
    async handle({ scope, query }, reply) {
      const { actor: actorId, subject: subjectId, target: targetId, action, from, to, cursor, limit } = query
      const filter = { actorId, subjectId, targetId, action, from, to }
      const found = await listEntries(platform, scope, { ...filter, cursor, limit: limit + 1 })
      const entries = found.slice(0, limit)
      const last = found.length > limit ? entries.at(-1) : undefined
      return reply(200, { entries, nextCursor: last?.position ?? null })
    },
  })
}
