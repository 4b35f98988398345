import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { demandRecentProof } from '../../core/session/demand-recent-proof.ts'
import { accountOverview, overviewOf, roles } from './account-overview.ts'
import { reason } from './reason.ts'

/**
 * Makes an account an administrator's, or takes that away, from its next request on. Errors: REAUTHENTICATION_REQUIRED,
 * NOT_FOUND, CONFLICT for an account that has the role already or is the last active administrator's.
 */
export function setRole(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/admin/users/:userId/role',
    access: 'admin',
    summary: 'Set the role of an account',
    schema: {
      params: z.strictObject({ userId: idOf('user') }),
      body: z.strictObject({ role: roles, reason }),
      response: { 200: accountOverview },
    },
    async handle({ scope, identity, params: { userId }, body }, reply) {
      demandRecentProof(identity, platform.clock())
      await scope.setRole(userId, body.role, body.reason)
      return reply(200, await overviewOf(platform, scope, userId))
    },
  })
}
