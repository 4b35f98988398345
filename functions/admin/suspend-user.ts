import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { liveRunsOf } from '../../core/runs/live-runs.ts'
import { demandRecentProof } from '../../core/session/demand-recent-proof.ts'
import { accountOverview, overviewOf } from './account-overview.ts'
import { reason } from './reason.ts'

/**
 * Shuts an account out at once: its sessions are dead, its API keys refused and its runs ended; those of another
 * process within a second. Errors: REAUTHENTICATION_REQUIRED, NOT_FOUND, CONFLICT for an account that is suspended
 * already or is the last active administrator's.
 */
export function suspendUser(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/admin/users/:userId/suspend',
    access: 'admin',
    summary: 'Suspend an account',
    schema: {
      params: z.strictObject({ userId: idOf('user') }),
      body: z.strictObject({ reason }),
      response: { 200: accountOverview },
    },
    async handle({ scope, identity, params: { userId }, body }, reply) {
      demandRecentProof(identity, platform.clock())
      await scope.suspend(userId, body.reason)
      await liveRunsOf(platform).abortAllOf(userId)
      return reply(200, await overviewOf(platform, scope, userId))
    },
  })
}
