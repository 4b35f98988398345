import type { ProofMethod } from '../../core/audit/events.ts'
import { verifyPassword } from '../../core/crypto/passwords.ts'
import { OortError } from '../../core/errors.ts'
import { throttle } from '../../core/http/rate-limit.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import type { AuthParts } from './auth-parts.ts'
import { demandCode } from './demand-code.ts'
import { byAccount } from './limits.ts'

export interface Proof {
  readonly method: Exclude<ProofMethod, 'passkey'>
  /** The hash that the password was right for: compare it again in the transaction that acts on the proof. */
  readonly passwordHash: string
}

/**
 * Asks the person at a signed-in browser to be its owner once more: password, and code where there is a second factor.
 * Throws CREDENTIALS_REFUSED, SECOND_FACTOR_REQUIRED, SECOND_FACTOR_REFUSED, RATE_LIMITED.
 */
export async function proveOwner(
  parts: AuthParts,
  scope: UserScope,
  given: { readonly password: string; readonly code?: string | undefined },
): Promise<Proof> {
  await throttle(parts.platform, byAccount.proof, scope.userId)
  const passwordHash = await scope.passwordHash()
  if (!(await verifyPassword(passwordHash, given.password))) {
    await scope.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
    throw new OortError('CREDENTIALS_REFUSED')
  }
  return { method: await demandCode(parts, scope, given.code), passwordHash }
}
