import { verifyTotp } from '../crypto/totp.ts'
import type { Id } from '../ids.ts'
import type { UserTransaction } from '../scope/user-scope.ts'
import { secondFactors } from '../store/schema.ts'

/** The account's second factor, whether it was confirmed or not. */
export interface SecondFactor {
  readonly id: Id<'secondFactor'>
  readonly confirmed: boolean
  readonly lastStep: number | null
}

export async function findSecondFactor(tx: Pick<UserTransaction, 'list'>): Promise<SecondFactor | undefined> {
  const [row] = await tx.list(secondFactors, { limit: 1 })
  return row === undefined ? undefined : { id: row.id, confirmed: row.confirmedAt !== null, lastStep: row.lastStep }
}

/**
 * Accepts a code once. The last step is read, compared and written in this one unit of work, and units run one after
 * another: of two requests with one code, one is refused. The factor is confirmed by its first code. False without a
 * factor. That the secret was opened stays in the log when the code is refused, so the unit must not throw for that.
 */
export async function acceptCode(tx: UserTransaction, code: string, now: number): Promise<boolean> {
  const factor = await findSecondFactor(tx)
  if (factor === undefined) return false
  const secret = await tx.unseal(secondFactors, factor.id, 'secret', { type: 'second_factor.opened' })
  const step = verifyTotp(secret, code, now)
  if (step === undefined || (factor.lastStep !== null && step <= factor.lastStep)) return false
  if (factor.confirmed) await tx.update(secondFactors, factor.id, { lastStep: step }, { type: 'second_factor.used' })
  else {
    const confirmed = { lastStep: step, confirmedAt: now }
    await tx.update(secondFactors, factor.id, confirmed, { type: 'second_factor.confirmed' })
  }
  return true
}
