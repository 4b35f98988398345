import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { listParkedEvents } from '../../core/plans/parked-events.ts'
import type { Platform } from '../../core/platform.ts'

const parkedEvent = z.object({
  id: idOf('parkedEvent'),
  stripeId: z.string(),
  type: z.string(),
  reason: z.enum(['unknown_customer', 'unreadable']),
  customerId: z.string().nullable(),
  occurredAt: z.int(),
  createdAt: z.int(),
})

/** Payment events that wait for review, newest first. Their payload stays sealed. */
export function listParked(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/admin/payments/parked',
    access: 'admin',
    summary: 'List the payment events that wait for review',
    schema: {
      query: z.strictObject({
        cursor: idOf('parkedEvent').optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      }),
      response: { 200: z.object({ events: z.array(parkedEvent), nextCursor: idOf('parkedEvent').nullable() }) },
    },
    async handle({ scope, query: { cursor: before, limit } }, reply) {
      const found = await listParkedEvents(platform, scope, { before, limit: limit + 1 })
      const events = found.slice(0, limit)
      const last = found.length > limit ? events.at(-1) : undefined
      return reply(200, { events, nextCursor: last?.id ?? null })
    },
  })
}
