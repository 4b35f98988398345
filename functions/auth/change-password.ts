import * as z from 'zod'
import { forgetDevices } from '../../core/accounts/known-devices.ts'
import { hashPassword } from '../../core/crypto/passwords.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { endSessions } from '../../core/session/end-sessions.ts'
import { codeField, passwordField } from './fields.ts'
import type { Later } from './later.ts'
import { proveOwner } from './prove-owner.ts'
import { refuseWeakPassword } from './refuse-weak-password.ts'
import { mailNotice } from './send-mail.ts'

/**
 * Ends every session but this one, whose cookie is renewed: a copy of the old cookie is dead too. The next sign-in from
 * any other browser is told to the owner.
 */
export function changePassword(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/change-password',
    access: 'session',
    summary: 'Change the password; ends every other session',
    schema: {
      body: z.strictObject({
        currentPassword: passwordField,
        newPassword: passwordField,
        code: codeField.optional(),
      }),
      response: { 200: z.object({ status: z.literal('password_changed') }) },
    },
    async handle({ body: { currentPassword, newPassword, code }, scope, identity, cookie }, reply) {
      refuseWeakPassword(newPassword, (await scope.profile()).email)
      const sessionId = currentSession(identity)
      const proof = await proveOwner({ platform, mailer, later }, scope, { password: currentPassword, code })
      const passwordHash = await hashPassword(newPassword)
      const epoch = await scope.write(async (tx) => {
        if ((await tx.passwordHash()) !== proof.passwordHash) throw new OortError('CREDENTIALS_REFUSED')
        await endSessions(tx, sessionId)
        await forgetDevices(tx, cookie.device.read())
        return tx.updateProfile({ passwordHash, endSessions: true }, { type: 'user.password_changed' })
      })
      await cookie.save({ sessionId, userId: scope.userId, epoch })
      later('notice of a change', () => mailNotice(platform, mailer, scope, 'password_changed'))
      return reply(200, { status: 'password_changed' })
    },
  })
}
