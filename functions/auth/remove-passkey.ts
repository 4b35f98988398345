import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { demandRecentProof } from '../../core/session/demand-recent-proof.ts'
import { passkeys } from '../../core/store/schema.ts'
import type { Later } from './later.ts'
import { mailNotice } from './send-mail.ts'

/** Takes a proof of the last 15 minutes. Another user's passkey answers exactly like a missing one. */
export function removePasskey(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'DELETE',
    url: '/api/auth/passkeys/:passkeyId',
    access: 'session',
    summary: 'Remove a passkey',
    schema: {
      params: z.strictObject({ passkeyId: idOf('passkey') }),
      response: { 200: z.object({ bytesErased: z.boolean() }) },
    },
    async handle({ scope, identity, params: { passkeyId } }, reply) {
      demandRecentProof(identity, platform.clock())
      await scope.write((tx) => tx.delete(passkeys, passkeyId, { type: 'passkey.removed' }))
      later('notice of a passkey', () => mailNotice(platform, mailer, scope, 'passkey_removed'))
      return reply(200, { bytesErased: await platform.eraseTraces([passkeys]) })
    },
  })
}
