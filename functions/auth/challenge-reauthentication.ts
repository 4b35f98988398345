import * as z from 'zod'
import { requestOptionsShape } from '../../core/accounts/passkey-options.ts'
import { mostPasskeys } from '../../core/accounts/passkeys.ts'
import { requestOptions } from '../../core/accounts/relying-party.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { passkeys } from '../../core/store/schema.ts'

/** The challenge holds in this session for five minutes, for the passkeys that it names. Nothing is written. */
export function challengeReauthentication(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/reauthenticate/challenge',
    access: 'session',
    summary: 'Begin to prove anew with a passkey that it is you: what the browser signs',
    schema: { response: { 200: z.object({ options: requestOptionsShape }) } },
    async handle({ scope, identity }, reply) {
      const use = { purpose: 'reauthentication', sessionId: currentSession(identity) } as const
      const credentials = await scope.list(passkeys, { limit: mostPasskeys })
      return reply(200, { options: await requestOptions(platform, use, credentials) })
    },
  })
}
