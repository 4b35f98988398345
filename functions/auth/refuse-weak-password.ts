import { checkPassword } from '../../core/crypto/passwords.ts'
import { OortError } from '../../core/errors.ts'

/** Throws PASSWORD_TOO_SHORT or PASSWORD_TOO_COMMON. The address and its first part count as common. */
export function refuseWeakPassword(password: string, email: string): void {
  const refusal = checkPassword(password, [email, email.slice(0, email.lastIndexOf('@'))])
  if (refusal !== undefined) throw new OortError(refusal)
}
