import * as z from 'zod'
import { makeRecoveryCodes as makeCodes } from '../../core/accounts/recovery-codes.ts'
import { findSecondFactor } from '../../core/accounts/second-factor.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { demandRecentProof } from '../../core/session/demand-recent-proof.ts'
import type { Later } from './later.ts'
import { mailNotice } from './send-mail.ts'

/** Shows ten codes once; those from before count no more. They stand in for a second factor: without one there is none. */
export function makeRecoveryCodes(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/recovery-codes',
    access: 'session',
    summary: 'Make new recovery codes in the place of the old',
    schema: { response: { 201: z.object({ recoveryCodes: z.array(z.string()) }) } },
    async handle({ scope, identity }, reply) {
      demandRecentProof(identity, platform.clock())
      const recoveryCodes = await scope.write(async (tx) => {
        if ((await findSecondFactor(tx))?.confirmed !== true) throw new OortError('SECOND_FACTOR_ABSENT')
        return makeCodes(tx)
      })
      later('notice of recovery codes', () => mailNotice(platform, mailer, scope, 'recovery_codes_made'))
      return reply(201, { recoveryCodes })
    },
  })
}
