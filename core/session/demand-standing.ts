import { and, eq } from 'drizzle-orm'
import { OortError } from '../errors.ts'
import { prepared, slot } from '../store/prepared.ts'
import { apiKeys, sessions, users } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import type { Identity } from './identity.ts'

/**
 * Demands that a caller who was let in would be let in still: a body may take its time to arrive, and so may a provider
 * that is asked. Call it in the transaction that acts for the caller. Throws UNAUTHENTICATED once the session, the API key
 * or the account is gone or every session was ended, ACCOUNT_SUSPENDED.
 */
export async function demandStanding(db: Db, identity: Identity): Promise<void> {
  const account = identity.via === 'session' ? await bySession(db, identity) : await byApiKey(db, identity)
  if (account === undefined) throw new OortError('UNAUTHENTICATED')
  if (account.status !== 'active') throw new OortError('ACCOUNT_SUSPENDED')
  // A session's cookie dies with the epoch it names, an API key with its row.
  const epoch = identity.via === 'session' ? identity.epoch : account.epoch
  if (account.credential === null || account.epoch !== epoch) throw new OortError('UNAUTHENTICATED')
}

interface Account {
  readonly status: 'active' | 'suspended'
  readonly epoch: number
  /** Null once it is gone. */
  readonly credential: string | null
}

async function bySession(db: Db, { userId, sessionId }: Identity & { via: 'session' }): Promise<Account | undefined> {
  const find = prepared(db, 'standing of a session', () =>
    db
      .select({ status: users.status, epoch: users.epoch, credential: sessions.id })
      .from(users)
      .leftJoin(sessions, and(eq(sessions.userId, users.id), eq(sessions.id, slot(sessions.id, 'sessionId'))))
      .where(eq(users.id, slot(users.id, 'userId')))
      .prepare(),
  )
  return (await find.execute({ userId, sessionId }))[0]
}

async function byApiKey(db: Db, { userId, apiKeyId }: Identity & { via: 'api_key' }): Promise<Account | undefined> {
  const find = prepared(db, 'standing of an API key', () =>
    db
      .select({ status: users.status, epoch: users.epoch, credential: apiKeys.id })
      .from(users)
      .leftJoin(apiKeys, and(eq(apiKeys.userId, users.id), eq(apiKeys.id, slot(apiKeys.id, 'apiKeyId'))))
      .where(eq(users.id, slot(users.id, 'userId')))
      .prepare(),
  )
  return (await find.execute({ userId, apiKeyId }))[0]
}
