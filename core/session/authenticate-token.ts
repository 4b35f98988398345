import { eq } from 'drizzle-orm'
import { minute } from '../clock.ts'
import { hashToken, isWellFormedToken } from '../crypto/tokens.ts'
import { OortError } from '../errors.ts'
import { insideOf, type Platform } from '../platform.ts'
import { createUserScope } from '../scope/user-scope.ts'
import { prepared, slot } from '../store/prepared.ts'
import { apiKeys, users } from '../store/schema.ts'
import type { Identity } from './identity.ts'

const useInterval = minute

/**
 * The identity behind an issued API key. A mistyped key is told by its checksum, without a look-up.
 * Throws UNAUTHENTICATED for a key that is malformed, unknown, revoked or expired, ACCOUNT_SUSPENDED for one whose
 * owner is suspended.
 */
export async function authenticateToken(platform: Platform, token: string, requestId: string): Promise<Identity> {
  if (!isWellFormedToken(token)) throw new OortError('UNAUTHENTICATED')
  const parts = insideOf(platform)
  const { read } = parts.store
  const find = prepared(read, 'authenticate token', () =>
    read
      .select({
        id: apiKeys.id,
        userId: apiKeys.userId,
        scopes: apiKeys.scopes,
        expiresAt: apiKeys.expiresAt,
        lastUsedAt: apiKeys.lastUsedAt,
        status: users.status,
      })
      .from(apiKeys)
      .innerJoin(users, eq(users.id, apiKeys.userId))
      .where(eq(apiKeys.hash, slot(apiKeys.hash, 'hash')))
      .prepare(),
  )
  const [row] = await find.execute({ hash: hashToken(token) })
  const now = parts.clock()
  if (row === undefined || (row.expiresAt !== null && row.expiresAt <= now)) throw new OortError('UNAUTHENTICATED')
  if (row.status !== 'active') throw new OortError('ACCOUNT_SUSPENDED')
  const { id: apiKeyId, userId, scopes } = row
  if (row.lastUsedAt === null || now - row.lastUsedAt >= useInterval) {
    const scope = createUserScope(parts, userId, { kind: 'api_key', id: apiKeyId, requestId })
    await scope.touch(apiKeys, apiKeyId, { lastUsedAt: now })
  }
  return { via: 'api_key', userId, apiKeyId, scopes }
}
