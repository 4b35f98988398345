import * as z from 'zod'
import { type AssertionAnswer, assertionAnswer } from '../../core/accounts/passkey-answers.ts'
import { usePasskey } from '../../core/accounts/passkeys.ts'
import { verifyAssertion } from '../../core/accounts/relying-party.ts'
import type { ProofMethod } from '../../core/audit/events.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { throttle } from '../../core/http/rate-limit.ts'
import type { SessionId } from '../../core/ids.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import type { UserScope, UserTransaction } from '../../core/scope/user-scope.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { passkeys, sessions } from '../../core/store/schema.ts'
import { codeField, passwordField } from './fields.ts'
import type { Later } from './later.ts'
import { byAccount } from './limits.ts'
import { proveOwner } from './prove-owner.ts'

const byPassword = z.strictObject({ password: passwordField, code: codeField.optional() })
const byPasskey = z.strictObject({ credential: assertionAnswer })

interface Proof {
  readonly method: ProofMethod
  /** What uses the proof up, where it is not yet. */
  accept?(tx: UserTransaction): Promise<void>
}

/** Renews the time at which this session last had a proof of its owner, for what asks for a recent one. */
export function reauthenticate(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/reauthenticate',
    access: 'session',
    summary: 'Prove anew that it is you, by password or passkey, before something that cannot be undone',
    schema: {
      body: z.union([byPassword, byPasskey]),
      response: { 200: z.object({ authenticatedAt: z.int() }) },
    },
    async handle({ body, scope, identity }, reply) {
      const sessionId = currentSession(identity)
      const proof: Proof =
        'credential' in body
          ? await provePasskey(platform, scope, sessionId, body.credential)
          : await proveOwner({ platform, mailer, later }, scope, body)
      const authenticatedAt = platform.clock()
      await scope.write(async (tx) => {
        await proof.accept?.(tx)
        const event = { type: 'session.reauthenticated', method: proof.method } as const
        await tx.update(sessions, sessionId, { authenticatedAt }, event)
      })
      return reply(200, { authenticatedAt })
    },
  })
}

/** Checks an assertion by a passkey of this account. Another user's passkey is refused like an unknown one. */
async function provePasskey(
  platform: Platform,
  scope: UserScope,
  sessionId: SessionId,
  answer: AssertionAnswer,
): Promise<Proof> {
  await throttle(platform, byAccount.proof, scope.userId)
  try {
    const [passkey] = await scope.list(passkeys, { where: { credentialId: answer.id }, limit: 1 })
    if (passkey === undefined) throw new OortError('PASSKEY_REFUSED')
    const assertion = await verifyAssertion(platform, { purpose: 'reauthentication', sessionId }, answer, passkey)
    return { method: 'passkey', accept: (tx) => usePasskey(tx, passkey.id, assertion) }
  } catch (error) {
    await scope.write((tx) => tx.record({ type: 'session.refused', reason: 'passkey' }))
    throw error
  }
}
