import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { endSessions } from '../../core/session/end-sessions.ts'

/** Raises the account's epoch: every cookie made before is dead, this one's among them. */
export function signOutEverywhere(): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/sign-out-everywhere',
    access: 'session',
    summary: 'Sign every browser out, this one too',
    schema: { response: { 200: z.object({ status: z.literal('signed_out') }) } },
    async handle({ scope, cookie }, reply) {
      await scope.write(async (tx) => {
        await tx.updateProfile({ endSessions: true }, { type: 'user.signed_out_everywhere' })
        await endSessions(tx)
      })
      await cookie.clear()
      return reply(200, { status: 'signed_out' })
    },
  })
}
