import * as z from 'zod'
import { emailAddress } from '../../core/accounts/email-address.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import type { Later } from './later.ts'
import { byAddress } from './limits.ts'
import { requestLink } from './request-link.ts'

/** Answers every address alike. */
export function requestPasswordReset(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/request-password-reset',
    access: 'public',
    summary: 'Have a link to reset the password mailed',
    limit: byAddress.mail,
    schema: {
      body: z.strictObject({ email: emailAddress }),
      response: { 202: z.object({ status: z.literal('accepted') }) },
    },
    async handle({ id: requestId, body: { email } }, reply) {
      await requestLink({ platform, mailer, later }, { email, purpose: 'reset_password', requestId }, () => true)
      return reply(202, { status: 'accepted' })
    },
  })
}
