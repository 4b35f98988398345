import * as z from 'zod'
import { forgetDevices } from '../../core/accounts/known-devices.ts'
import { findLink, useLink } from '../../core/accounts/mail-link.ts'
import { hashPassword } from '../../core/crypto/passwords.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { endSessions } from '../../core/session/end-sessions.ts'
import { linkField, passwordField } from './fields.ts'
import type { Later } from './later.ts'
import { byAddress } from './limits.ts'
import { refuseWeakPassword } from './refuse-weak-password.ts'
import { mailNotice } from './send-mail.ts'

/**
 * Signs nobody in: a second factor stays in force, so that a mailbox alone is not the account. The link proves the
 * address too. A weak password leaves the link as it is.
 */
export function resetPassword(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/reset-password',
    access: 'public',
    summary: 'Choose a new password with a mailed link; ends every session',
    limit: byAddress.link,
    schema: {
      body: z.strictObject({ token: linkField, newPassword: passwordField }),
      response: { 200: z.object({ status: z.literal('password_reset') }) },
    },
    async handle({ id, body: { token, newPassword }, cookie }, reply) {
      const { linkId, account } = await findLink(platform, { token, purpose: 'reset_password' }, id)
      const { scope } = account
      refuseWeakPassword(newPassword, (await scope.profile()).email)
      const passwordHash = await hashPassword(newPassword)
      await scope.write(async (tx) => {
        await useLink(tx, linkId, 'reset_password')
        await tx.updateProfile({ passwordHash, endSessions: true }, { type: 'user.password_reset' })
        await endSessions(tx)
        await forgetDevices(tx, cookie.device.read())
        if (account.emailVerified) return
        await tx.updateProfile({ emailVerifiedAt: platform.clock() }, { type: 'user.email_verified' })
      })
      await cookie.clear()
      later('notice of a reset', () => mailNotice(platform, mailer, scope, 'password_reset'))
      return reply(200, { status: 'password_reset' })
    },
  })
}
