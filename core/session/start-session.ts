import { noteDevice } from '../accounts/known-devices.ts'
import type { AuditEvents } from '../audit/events.ts'
import { randomLinkToken } from '../crypto/tokens.ts'
import { OortError } from '../errors.ts'
import type { SessionId } from '../ids.ts'
import type { Platform } from '../platform.ts'
import type { UserScope, UserTransaction } from '../scope/user-scope.ts'
import { sessions } from '../store/schema.ts'
import { isAlive, type SessionCookie } from './session-cookie.ts'

type Started = Extract<AuditEvents['sessions'], { type: 'session.started' }>

export interface NewSession {
  /** What was proven. */
  readonly method: Started['method']
  /** The account's epoch at the time of the proof. */
  readonly epoch: number
  /** A short description for the list of sessions, such as "Firefox on Linux". */
  readonly device: string
}

export interface StartedSession {
  readonly sessionId: SessionId
  /** The account was signed in to before, and never from this browser: its owner is to be told. */
  readonly strangeDevice: boolean
}

/**
 * Signs a browser in: writes the session's row and notes the browser, then sets the cookies that name both. Call it
 * only after the proof that `method` names. Throws UNAUTHENTICATED when the epoch has risen since: a password that was changed, or an account
 * that was suspended, between the proof and now starts no session.
 */
export async function startSession(
  platform: Platform,
  scope: UserScope,
  cookie: SessionCookie,
  { method, epoch, device }: NewSession,
): Promise<StartedSession> {
  const now = platform.clock()
  const token = cookie.device.read() ?? randomLinkToken().token
  const started = await scope.write(async (tx) => {
    if ((await tx.profile()).epoch !== epoch) throw new OortError('UNAUTHENTICATED')
    await removeExpired(tx, now)
    const strangeDevice = await noteDevice(tx, token)
    const row = { device, authenticatedAt: now, lastSeenAt: now }
    const { id: sessionId } = await tx.insert(sessions, row, { type: 'session.started', method })
    return { sessionId, strangeDevice }
  })
  await cookie.save({ sessionId: started.sessionId, userId: scope.userId, epoch })
  cookie.device.save(token)
  return started
}

async function removeExpired(tx: UserTransaction, now: number): Promise<void> {
  const rows = await tx.list(sessions, { limit: 100 })
  for (const { id } of rows.filter((row) => !isAlive(row, now))) {
    await tx.delete(sessions, id, { type: 'session.ended', by: 'expiry' })
  }
}
