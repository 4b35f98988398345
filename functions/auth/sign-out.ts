import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { sessions } from '../../core/store/schema.ts'

/** Removes the session's row: a copy of the cookie is dead too. */
export function signOut(): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/sign-out',
    access: 'session',
    summary: 'Sign this browser out',
    schema: { response: { 200: z.object({ status: z.literal('signed_out') }) } },
    async handle({ scope, identity, cookie }, reply) {
      await scope.write((tx) =>
        tx.delete(sessions, currentSession(identity), { type: 'session.ended', by: 'sign_out' }),
      )
      await cookie.clear()
      return reply(200, { status: 'signed_out' })
    },
  })
}
