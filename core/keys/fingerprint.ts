import type { UserId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import type { Provider } from '../providers/provider.ts'

const fingerprintBytes = 16

/**
 * 32 hexadecimal digits by which a user recognises a key, and we a key that the user has added before. A keyed hash:
 * nobody can try keys against it. Bound to the user, so that it does not tell that two users share a key. It outlives
 * a rotation of the master key.
 */
export function fingerprintOf(platform: Platform, userId: UserId, provider: Provider, key: string): string {
  const { keyring } = insideOf(platform)
  const mac = keyring.mac('provider-key-fingerprint', JSON.stringify([userId, provider, key]))
  return mac.subarray(0, fingerprintBytes).toString('hex')
}
