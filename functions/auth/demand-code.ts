import { useRecoveryCode } from '../../core/accounts/recovery-codes.ts'
import { acceptCode, findSecondFactor } from '../../core/accounts/second-factor.ts'
import type { ProofMethod } from '../../core/audit/events.ts'
import { OortError } from '../../core/errors.ts'
import { throttle } from '../../core/http/rate-limit.ts'
import { securityNotice } from '../../core/mail/messages/security-notice.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import type { AuthParts } from './auth-parts.ts'
import { isRecoveryCode } from './fields.ts'
import { byAccount } from './limits.ts'

/**
 * Demands a code of an account that has a second factor: one of the authenticator app, or a recovery code, whose use
 * the owner is told of by mail. Answers what has then been proven. Call it after the password was found right: its
 * errors tell that it was. Throws SECOND_FACTOR_REQUIRED without a code, SECOND_FACTOR_REFUSED for one that is wrong or
 * was used, RATE_LIMITED.
 */
export async function demandCode(
  { platform, mailer, later }: AuthParts,
  scope: UserScope,
  code: string | undefined,
): Promise<Exclude<ProofMethod, 'passkey'>> {
  const factor = await findSecondFactor(scope)
  if (factor?.confirmed !== true) return 'password'
  if (code === undefined) throw new OortError('SECOND_FACTOR_REQUIRED')
  await throttle(platform, byAccount.secondFactor, scope.userId)
  const recovery = isRecoveryCode(code)
  const accepted = await scope.write(async (tx) => {
    if (recovery ? await useRecoveryCode(tx, code) : await acceptCode(tx, code, platform.clock())) return true
    await tx.record({ type: 'session.refused', reason: recovery ? 'recovery_code' : 'second_factor' })
    return false
  })
  if (!accepted) throw new OortError('SECOND_FACTOR_REFUSED')
  if (!recovery) return 'password_and_totp'
  if (mailer.configured) {
    // Read now: what was proven may be about to delete the account.
    const { email } = await scope.profile()
    const notice = securityNotice('recovery_code_used', platform.config.publicUrl)
    later('notice of a recovery code', () => mailer.send(email, notice))
  }
  return 'password_and_recovery_code'
}
