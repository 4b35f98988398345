import * as z from 'zod'
import { withdrawRecoveryCodes } from '../../core/accounts/recovery-codes.ts'
import { findSecondFactor } from '../../core/accounts/second-factor.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { secondFactors } from '../../core/store/schema.ts'
import { codeField, passwordField } from './fields.ts'
import type { Later } from './later.ts'
import { proveOwner } from './prove-owner.ts'
import { mailNotice } from './send-mail.ts'

/** One that was never confirmed goes with the password alone. The recovery codes, which stood in for it, go with it. */
export function removeSecondFactor(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'DELETE',
    url: '/api/auth/second-factor',
    access: 'session',
    summary: 'Remove the second factor',
    schema: {
      body: z.strictObject({ password: passwordField, code: codeField.optional() }),
      response: { 200: z.object({ bytesErased: z.boolean() }) },
    },
    async handle({ body, scope }, reply) {
      if ((await findSecondFactor(scope)) === undefined) throw new OortError('SECOND_FACTOR_ABSENT')
      const proof = await proveOwner({ platform, mailer, later }, scope, body)
      await scope.write(async (tx) => {
        const present = await findSecondFactor(tx)
        if (present === undefined) throw new OortError('SECOND_FACTOR_ABSENT')
        if ((await tx.passwordHash()) !== proof.passwordHash) throw new OortError('CREDENTIALS_REFUSED')
        // It may have been confirmed since no code was asked for.
        if (present.confirmed && proof.method === 'password') throw new OortError('SECOND_FACTOR_REQUIRED')
        await tx.delete(secondFactors, present.id, { type: 'second_factor.removed' })
        await withdrawRecoveryCodes(tx)
      })
      later('notice of a second factor', () => mailNotice(platform, mailer, scope, 'second_factor_removed'))
      return reply(200, { bytesErased: await platform.eraseTraces([secondFactors]) })
    },
  })
}
