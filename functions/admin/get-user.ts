import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { accountOverview, overviewOf } from './account-overview.ts'

/** Errors: NOT_FOUND. */
export function getUser(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/admin/users/:userId',
    access: 'admin',
    summary: 'Look at an account',
    schema: { params: z.strictObject({ userId: idOf('user') }), response: { 200: accountOverview } },
    async handle({ scope, params: { userId } }, reply) {
      return reply(200, await overviewOf(platform, scope, userId))
    },
  })
}
