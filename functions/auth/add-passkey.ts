import * as z from 'zod'
import { registrationAnswer } from '../../core/accounts/passkey-answers.ts'
import { addPasskey as keepPasskey } from '../../core/accounts/passkeys.ts'
import { verifyRegistration } from '../../core/accounts/relying-party.ts'
import { label } from '../../core/http/label.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { demandRecentProof } from '../../core/session/demand-recent-proof.ts'
import type { Later } from './later.ts'
import { passkeySummary } from './passkey-summary.ts'
import { mailNotice } from './send-mail.ts'

/** A passkey signs in by itself, so that adding one takes what signing in takes: a proof of the last 15 minutes. */
export function addPasskey(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/passkeys',
    access: 'session',
    summary: 'Add the passkey that the browser made',
    schema: {
      body: z.strictObject({ label, credential: registrationAnswer }),
      response: { 201: passkeySummary },
    },
    async handle({ scope, identity, body }, reply) {
      demandRecentProof(identity, platform.clock())
      const use = { purpose: 'registration', sessionId: currentSession(identity) } as const
      const verified = await verifyRegistration(platform, use, body.credential)
      const added = await scope.write((tx) => keepPasskey(tx, verified, body.label))
      later('notice of a passkey', () => mailNotice(platform, mailer, scope, 'passkey_added'))
      return reply(201, added)
    },
  })
}
