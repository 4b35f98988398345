import { and, eq } from 'drizzle-orm'
import { minute } from '../clock.ts'
import { insideOf, type Platform } from '../platform.ts'
import { createUserScope } from '../scope/user-scope.ts'
import { sessions, users } from '../store/schema.ts'
import type { Identity } from './identity.ts'
import { isAlive, type SessionPayload } from './session-cookie.ts'

/** Writing down each sight would cost a commit for every request; the idle limit is far coarser than this. */
const sightInterval = 5 * minute

/**
 * The identity behind a session cookie, as the database knows it now. A copied cookie dies with its row (sign-out),
 * with the account's epoch (sign-out everywhere, password change, suspension), with the account, and with time.
 * Answers undefined for a cookie that is dead.
 */
export async function authenticateSession(
  platform: Platform,
  payload: SessionPayload,
  requestId: string,
): Promise<Identity | undefined> {
  const parts = insideOf(platform)
  const [row] = await parts.store.read
    .select({
      epoch: users.epoch,
      status: users.status,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
      authenticatedAt: sessions.authenticatedAt,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.id, payload.sessionId), eq(sessions.userId, payload.userId)))
  if (row === undefined || row.epoch !== payload.epoch || row.status !== 'active') return undefined
  const now = parts.clock()
  if (!isAlive(row, now)) return undefined
  const { userId, sessionId } = payload
  if (now - row.lastSeenAt >= sightInterval) {
    const scope = createUserScope(parts, userId, { kind: 'user', id: userId, requestId })
    await scope.touch(sessions, sessionId, { lastSeenAt: now })
  }
  return { via: 'session', userId, sessionId, authenticatedAt: row.authenticatedAt, epoch: row.epoch }
}
