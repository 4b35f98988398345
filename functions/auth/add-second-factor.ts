import * as z from 'zod'
import { findSecondFactor } from '../../core/accounts/second-factor.ts'
import { newTotpSecret, totpUri } from '../../core/crypto/totp.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { secondFactors } from '../../core/store/schema.ts'
import { passwordField } from './fields.ts'
import type { Later } from './later.ts'
import { proveOwner } from './prove-owner.ts'

/**
 * Shows the secret once. It counts for nothing until a code made with it was confirmed: a secret that never reached an
 * authenticator locks nobody out, and asking again replaces it.
 */
export function addSecondFactor(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/second-factor',
    access: 'session',
    summary: 'Begin to set up an authenticator app as second factor',
    schema: {
      body: z.strictObject({ password: passwordField }),
      response: { 201: z.object({ secret: z.string(), uri: z.string() }) },
    },
    async handle({ body: { password }, scope }, reply) {
      if ((await findSecondFactor(scope))?.confirmed) throw new OortError('SECOND_FACTOR_PRESENT')
      await proveOwner({ platform, mailer, later }, scope, { password })
      const secret = newTotpSecret()
      const email = await scope.write(async (tx) => {
        const present = await findSecondFactor(tx)
        if (present?.confirmed) throw new OortError('SECOND_FACTOR_PRESENT')
        if (present !== undefined) await tx.delete(secondFactors, present.id, { type: 'second_factor.removed' })
        await tx.insert(secondFactors, { secret }, { type: 'second_factor.added', kind: 'totp' })
        return (await tx.profile()).email
      })
      return reply(201, { secret, uri: totpUri(secret, email) })
    },
  })
}
