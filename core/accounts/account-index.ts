import { insideOf, type Platform } from '../platform.ts'
import { emailIndexPurpose } from './email-address.ts'

/**
 * The blind index of a (normalised) address, in hexadecimal: what limits count by. It is the same whether the address
 * has an account or not, and tells the address to nobody without the key.
 */
export function accountIndex(platform: Platform, email: string): string {
  return insideOf(platform).keyring.blindIndex(emailIndexPurpose, email).toString('hex')
}
