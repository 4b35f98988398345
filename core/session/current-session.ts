import { OortError } from '../errors.ts'
import type { SessionId } from '../ids.ts'
import type { Identity } from './identity.ts'

/** The session of a caller in a signed-in browser. Throws FORBIDDEN for a program with an API key. */
export function currentSession(identity: Identity): SessionId {
  if (identity.via !== 'session') throw new OortError('FORBIDDEN')
  return identity.sessionId
}
