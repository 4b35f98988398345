import * as z from 'zod'
import { findLink, useLink } from '../../core/accounts/mail-link.ts'
import { verifyPassword } from '../../core/crypto/passwords.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { throttle } from '../../core/http/rate-limit.ts'
import type { Platform } from '../../core/platform.ts'
import { linkField, passwordField } from './fields.ts'
import { byAccount, byAddress } from './limits.ts'

/**
 * The link proves the address, the password that it is still the person who signed up. With the link alone, anybody
 * could sign up with a stranger's address and wait for that stranger to click: the account would then be the stranger's
 * by its address and the attacker's by its password.
 */
export function verifyEmail(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/verify-email',
    access: 'public',
    summary: 'Verify the e-mail address with a mailed link and the password',
    limit: byAddress.link,
    schema: {
      body: z.strictObject({ token: linkField, password: passwordField }),
      response: { 200: z.object({ status: z.literal('verified') }) },
    },
    async handle({ id, body: { token, password } }, reply) {
      const { linkId, account } = await findLink(platform, { token, purpose: 'verify_email' }, id)
      await throttle(platform, byAccount.proof, account.userId)
      if (!(await verifyPassword(account.passwordHash, password))) {
        await account.unproven.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
        throw new OortError('CREDENTIALS_REFUSED')
      }
      await account.scope.write(async (tx) => {
        if ((await tx.passwordHash()) !== account.passwordHash) throw new OortError('CREDENTIALS_REFUSED')
        await useLink(tx, linkId, 'verify_email')
        await tx.updateProfile({ emailVerifiedAt: platform.clock() }, { type: 'user.email_verified' })
      })
      return reply(200, { status: 'verified' })
    },
  })
}
