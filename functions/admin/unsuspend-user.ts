import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { accountOverview, overviewOf } from './account-overview.ts'
import { reason } from './reason.ts'

/** Lets an account in again; its sessions stay ended. Errors: NOT_FOUND, CONFLICT for one that is not suspended. */
export function unsuspendUser(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/admin/users/:userId/unsuspend',
    access: 'admin',
    summary: 'End the suspension of an account',
    schema: {
      params: z.strictObject({ userId: idOf('user') }),
      body: z.strictObject({ reason }),
      response: { 200: accountOverview },
    },
    async handle({ scope, params: { userId }, body }, reply) {
      await scope.unsuspend(userId, body.reason)
      return reply(200, await overviewOf(platform, scope, userId))
    },
  })
}
