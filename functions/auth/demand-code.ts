import { acceptCode, findSecondFactor } from '../../core/accounts/second-factor.ts'
import { OortError } from '../../core/errors.ts'
import { throttle } from '../../core/http/rate-limit.ts'
import type { Platform } from '../../core/platform.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import { byAccount } from './limits.ts'

/**
 * Demands a code of an account that has a second factor; answers what has then been proven. Call it after the password
 * was found right: its errors tell that it was. Throws SECOND_FACTOR_REQUIRED without a code, SECOND_FACTOR_REFUSED for
 * one that is wrong or was used, RATE_LIMITED.
 */
export async function demandCode(
  platform: Platform,
  scope: UserScope,
  code: string | undefined,
): Promise<'password' | 'password_and_totp'> {
  const factor = await findSecondFactor(scope)
  if (factor?.confirmed !== true) return 'password'
  if (code === undefined) throw new OortError('SECOND_FACTOR_REQUIRED')
  await throttle(platform, byAccount.secondFactor, scope.userId)
  const accepted = await scope.write(async (tx) => {
    if (await acceptCode(tx, code, platform.clock())) return true
    await tx.record({ type: 'session.refused', reason: 'second_factor' })
    return false
  })
  if (!accepted) throw new OortError('SECOND_FACTOR_REFUSED')
  return 'password_and_totp'
}
