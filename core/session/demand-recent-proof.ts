import { minute } from '../clock.ts'
import { OortError } from '../errors.ts'
import type { Identity } from './identity.ts'

/** Long enough to think about it, short enough that a browser left open is of little use to anybody else. */
const recent = 15 * minute

/** Throws REAUTHENTICATION_REQUIRED unless the caller proved to be the owner, by password or passkey, in the last 15 minutes. */
export function demandRecentProof(identity: Identity, now: number): void {
  const provenAt = identity.via === 'session' ? identity.authenticatedAt : Number.NEGATIVE_INFINITY
  if (now - provenAt > recent) throw new OortError('REAUTHENTICATION_REQUIRED')
}
