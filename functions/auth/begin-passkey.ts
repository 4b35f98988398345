import * as z from 'zod'
import { creationOptionsShape } from '../../core/accounts/passkey-options.ts'
import { mostPasskeys } from '../../core/accounts/passkeys.ts'
import { creationOptions } from '../../core/accounts/relying-party.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { demandRecentProof } from '../../core/session/demand-recent-proof.ts'
import { passkeys } from '../../core/store/schema.ts'

/** The challenge holds in this session for five minutes. Nothing is written until it is answered. */
export function beginPasskey(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/passkeys/registration',
    access: 'session',
    summary: 'Begin to add a passkey: what the browser makes it from',
    schema: { response: { 200: z.object({ options: creationOptionsShape }) } },
    async handle({ scope, identity }, reply) {
      demandRecentProof(identity, platform.clock())
      const credentials = await scope.list(passkeys, { limit: mostPasskeys })
      if (credentials.length === mostPasskeys) throw new OortError('LIMIT_REACHED')
      const { id, email } = await scope.profile()
      const use = { purpose: 'registration', sessionId: currentSession(identity) } as const
      return reply(200, { options: await creationOptions(platform, use, { id, email, credentials }) })
    },
  })
}
