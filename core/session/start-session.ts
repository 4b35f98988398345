import type { AuditEvents } from '../audit/events.ts'
import type { SessionId } from '../ids.ts'
import type { Platform } from '../platform.ts'
import type { UserScope } from '../scope/user-scope.ts'
import { sessions } from '../store/schema.ts'
import type { SessionCookie } from './session-cookie.ts'

type Started = Extract<AuditEvents['sessions'], { type: 'session.started' }>

/**
 * Signs a browser in: writes the session's row, then sets the cookie that names it. Call it only after the proof that
 * `method` names. `device` is a short description for the list of sessions, such as "Firefox on Linux".
 */
export async function startSession(
  platform: Platform,
  scope: UserScope,
  cookie: SessionCookie,
  { method, device }: { readonly method: Started['method']; readonly device: string },
): Promise<SessionId> {
  const now = platform.clock()
  const { session, epoch } = await scope.write(async (tx) => {
    const row = { device, authenticatedAt: now, lastSeenAt: now }
    const started = await tx.insert(sessions, row, { type: 'session.started', method })
    return { session: started, epoch: (await tx.profile()).epoch }
  })
  await cookie.save({ sessionId: session.id, userId: scope.userId, epoch })
  return session.id
}
