import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { replayParkedEvent } from '../../core/plans/parked-events.ts'
import type { Platform } from '../../core/platform.ts'

/**
 * Lets a parked event take effect. `userId` names the customer whom nobody was. It stands in that user's audit log,
 * with the administrator as actor. Errors: NOT_FOUND, CONFLICT (see replayParkedEvent).
 */
export function replayParked(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/admin/payments/parked/:eventId/replay',
    access: 'admin',
    summary: 'Let a parked payment event take effect',
    schema: {
      params: z.strictObject({ eventId: idOf('parkedEvent') }),
      body: z.strictObject({ userId: idOf('user').optional() }),
      response: { 200: z.object({ outcome: z.enum(['applied', 'superseded']) }) },
    },
    async handle({ id: requestId, scope, params: { eventId }, body: { userId } }, reply) {
      return reply(200, { outcome: await replayParkedEvent(platform, scope, { eventId, userId, requestId }) })
    },
  })
}
