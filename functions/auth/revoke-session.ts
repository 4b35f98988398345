import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { sessions } from '../../core/store/schema.ts'

/** Another user's session answers exactly like a missing one. */
export function revokeSession(): Operation {
  return operation({
    method: 'DELETE',
    url: '/api/auth/sessions/:sessionId',
    access: 'session',
    summary: 'Sign one browser out',
    schema: {
      params: z.strictObject({ sessionId: idOf('session') }),
      response: { 200: z.object({ status: z.literal('revoked') }) },
    },
    async handle({ scope, identity, params: { sessionId }, cookie }, reply) {
      await scope.write((tx) => tx.delete(sessions, sessionId, { type: 'session.ended', by: 'revocation' }))
      if (sessionId === currentSession(identity)) await cookie.clear()
      return reply(200, { status: 'revoked' })
    },
  })
}
