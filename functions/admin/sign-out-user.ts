import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { accountOverview, overviewOf } from './account-overview.ts'
import { reason } from './reason.ts'

/** Signs an account out everywhere at once. Its API keys and its runs go on. Errors: NOT_FOUND. */
export function signOutUser(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/admin/users/:userId/sign-out',
    access: 'admin',
    summary: 'End all sessions of an account',
    schema: {
      params: z.strictObject({ userId: idOf('user') }),
      body: z.strictObject({ reason }),
      response: { 200: accountOverview },
    },
    async handle({ scope, params: { userId }, body }, reply) {
      await scope.endSessions(userId, body.reason)
      return reply(200, await overviewOf(platform, scope, userId))
    },
  })
}
