import * as z from 'zod'
import { assertionAnswer } from '../../core/accounts/passkey-answers.ts'
import { findPasskey, usePasskey } from '../../core/accounts/passkeys.ts'
import { verifyAssertion } from '../../core/accounts/relying-party.ts'
import type { AuditEvents } from '../../core/audit/events.ts'
import { hashToken } from '../../core/crypto/tokens.ts'
import { type ErrorCode, OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { callerOf, throttle } from '../../core/http/rate-limit.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { beginSession } from './begin-session.ts'
import type { Later } from './later.ts'
import { byAddress, byPasskey } from './limits.ts'

type RefusalReason = Extract<AuditEvents['users'], { type: 'session.refused' }>['reason']

/** What the owner's log says of a refusal. */
const reasons: { readonly [C in ErrorCode]?: RefusalReason } = {
  PASSKEY_REFUSED: 'passkey',
  ACCOUNT_SUSPENDED: 'suspended',
}

const use = { purpose: 'sign_in' } as const

/**
 * A passkey is two factors, what one has and what one knows or is, so that no code is asked for. An unknown credential,
 * a wrong signature, another site's challenge and an answer given before are refused alike; that an account is
 * suspended is told after the right signature alone.
 */
export function signInWithPasskey(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/sign-in/passkey',
    access: 'public',
    summary: 'Sign in with a passkey',
    limit: byAddress.signIn,
    schema: {
      body: z.strictObject({ credential: assertionAnswer }),
      response: { 200: z.object({ status: z.literal('signed_in') }) },
    },
    async handle({ id, ip, headers, body: { credential: answer }, cookie }, reply) {
      const index = hashToken(answer.id).toString('hex')
      await throttle(platform, byPasskey.signInFromAddress, `${index} ${callerOf(ip)}`)
      await throttle(platform, byPasskey.signIn, index)
      const found = await findPasskey(platform, answer.id, id)
      if (found === undefined) throw new OortError('PASSKEY_REFUSED')
      const { account, credential, passkeyId } = found
      try {
        demandHandle(answer.response.userHandle, account.userId)
        const assertion = await verifyAssertion(platform, use, answer, credential)
        if (mailer.configured && !account.emailVerified) throw new OortError('PASSKEY_REFUSED')
        if (account.status === 'suspended') throw new OortError('ACCOUNT_SUSPENDED')
        await account.scope.write((tx) => usePasskey(tx, passkeyId, assertion))
      } catch (error) {
        const reason = error instanceof OortError ? reasons[error.code] : undefined
        if (reason !== undefined) {
          const event = { type: 'session.refused', reason } as const
          later('note a refused sign-in', () => account.unproven.write((tx) => tx.record(event)))
        }
        throw error
      }
      const proven = { method: 'passkey', epoch: account.epoch } as const
      await beginSession({ platform, mailer, later }, account.scope, { headers, cookie }, proven)
      return reply(200, { status: 'signed_in' })
    },
  })
}

/** Where the site named no credential, the authenticator has to name the account. Source: WebAuthn Level 3, 7.2, step 6. */
function demandHandle(handle: string | null | undefined, userId: string): void {
  if (handle !== Buffer.from(userId).toString('base64url')) throw new OortError('PASSKEY_REFUSED')
}
