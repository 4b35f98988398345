import { eq, sql } from 'drizzle-orm'
import { appendEvent, type ChainHead } from '../audit/append-event.ts'
import type { AuditEvent } from '../audit/events.ts'
import { contextOf } from '../crypto/context-of.ts'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { users } from '../store/schema.ts'
import { unpackSealed } from '../store/sealed-row.ts'
import type { Reading } from './read-rows.ts'
import type { Writing } from './write-rows.ts'

/** What an account is, without its password hash. */
export interface Profile {
  readonly id: UserId
  readonly email: string
  readonly role: 'user' | 'admin'
  readonly status: 'active' | 'suspended'
  readonly epoch: number
  readonly emailVerifiedAt: number | null
  readonly createdAt: number
}

/** What a change of the account may touch. `endSessions` raises the epoch: every older cookie is then dead. */
export interface ProfilePatch {
  readonly passwordHash?: string
  readonly emailVerifiedAt?: number
  readonly role?: 'user' | 'admin'
  readonly status?: 'active' | 'suspended'
  readonly endSessions?: true
}

/** The account of the scope. Throws NOT_FOUND when it was deleted. */
export async function readProfile({ db, keyring, userId }: Reading): Promise<Profile> {
  const [row] = await db.select().from(users).where(eq(users.id, userId))
  if (row === undefined) throw new OortError('NOT_FOUND')
  const { id, role, status, epoch, emailVerifiedAt, createdAt } = row
  const email = keyring.openText(unpackSealed(row, 'email'), contextOf('users', 'email', row))
  return { id, email, role, status, epoch, emailVerifiedAt, createdAt }
}

/** The account's password hash (a PHC string), for verification alone. Throws NOT_FOUND. */
export async function readPasswordHash({ db, userId }: Reading): Promise<string> {
  const [row] = await db.select({ passwordHash: users.passwordHash }).from(users).where(eq(users.id, userId))
  if (row === undefined) throw new OortError('NOT_FOUND')
  return row.passwordHash
}

/** Changes the account and appends the event. Answers the account's epoch after the change. Throws NOT_FOUND. */
export async function updateProfile(
  writing: Writing,
  { endSessions, ...patch }: ProfilePatch,
  event: AuditEvent<'users'>,
): Promise<number> {
  const [row] = await writing.db
    .update(users)
    .set({ ...patch, epoch: endSessions ? sql`${users.epoch} + 1` : sql`${users.epoch}` })
    .where(eq(users.id, writing.userId))
    .returning({ epoch: users.epoch })
  if (row === undefined) throw new OortError('NOT_FOUND')
  await recordEvent(writing, event)
  return row.epoch
}

/**
 * Appends an event about the account that changes no row, such as a refused sign-in. Answers the head of the account's
 * chain after it.
 */
export async function recordEvent(writing: Writing, event: AuditEvent<'users'>): Promise<ChainHead> {
  const { db, keyring, userId: subjectId, actor, now: ts } = writing
  return appendEvent(db, keyring, { subjectId, actor, event, target: { kind: 'users', id: subjectId }, ts })
}
