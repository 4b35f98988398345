import * as z from 'zod'
import { emailAddress } from '../../core/accounts/email-address.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import type { Later } from './later.ts'
import { byAddress } from './limits.ts'
import { requestLink } from './request-link.ts'

/** Answers every address alike. */
export function requestVerification(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/request-verification',
    access: 'public',
    summary: 'Have a new verification link mailed',
    limit: byAddress.mail,
    schema: {
      body: z.strictObject({ email: emailAddress }),
      response: { 202: z.object({ status: z.literal('accepted') }) },
    },
    async handle({ id: requestId, body: { email } }, reply) {
      const request = { email, purpose: 'verify_email', requestId } as const
      await requestLink({ platform, mailer, later }, request, (account) => !account.emailVerified)
      return reply(202, { status: 'accepted' })
    },
  })
}
