import { InvalidArgumentError } from 'commander'
import { emailAddress } from '../../core/accounts/email-address.ts'
import { idOf } from '../../core/ids.ts'

/** An account as it is named on the command line: an id as it is, an e-mail address as we compare it. */
export function accountArgument(text: string): string {
  if (idOf('user').safeParse(text).success) return text
  const address = emailAddress.safeParse(text)
  if (!address.success) throw new InvalidArgumentError('Name an e-mail address or an id such as usr_….')
  return address.data
}
