import * as z from 'zod'
import { makeRecoveryCodes } from '../../core/accounts/recovery-codes.ts'
import { acceptCode, findSecondFactor } from '../../core/accounts/second-factor.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { throttle } from '../../core/http/rate-limit.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { totpField } from './fields.ts'
import type { Later } from './later.ts'
import { byAccount } from './limits.ts'
import { mailNotice } from './send-mail.ts'

/**
 * The first code shows that the authenticator has the secret; from then on signing in takes one. Answers the recovery
 * codes for the day on which the authenticator is lost, once.
 */
export function confirmSecondFactor(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/second-factor/confirm',
    access: 'session',
    summary: 'Finish setting up the second factor with its first code',
    schema: {
      body: z.strictObject({ code: totpField }),
      response: { 200: z.object({ status: z.literal('confirmed'), recoveryCodes: z.array(z.string()) }) },
    },
    async handle({ body: { code }, scope }, reply) {
      await throttle(platform, byAccount.secondFactor, scope.userId)
      const recoveryCodes = await scope.write(async (tx) => {
        const present = await findSecondFactor(tx)
        if (present === undefined) throw new OortError('SECOND_FACTOR_ABSENT')
        if (present.confirmed) throw new OortError('SECOND_FACTOR_PRESENT')
        return (await acceptCode(tx, code, platform.clock())) ? makeRecoveryCodes(tx) : undefined
      })
      if (recoveryCodes === undefined) throw new OortError('SECOND_FACTOR_REFUSED')
      later('notice of a second factor', () => mailNotice(platform, mailer, scope, 'second_factor_confirmed'))
      return reply(200, { status: 'confirmed', recoveryCodes })
    },
  })
}
