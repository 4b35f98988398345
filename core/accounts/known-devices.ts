import { and, eq } from 'drizzle-orm'
import { hashToken } from '../crypto/tokens.ts'
import type { Id } from '../ids.ts'
import { insideOfTransaction } from '../scope/inside-transaction.ts'
import type { UserTransaction } from '../scope/user-scope.ts'
import { touchRow } from '../scope/write-rows.ts'
import { auditEvents, knownDevices } from '../store/schema.ts'

/** Whoever clears cookies at every turn fills no table. */
const mostDevices = 50

/**
 * Notes the browser that holds `token` as one of the account's. Answers whether it is a strange one: the account was
 * signed in to before, and never from it. Call it before the new session's own event is written.
 */
export async function noteDevice(tx: UserTransaction, token: string): Promise<boolean> {
  const writing = insideOfTransaction(tx)
  const lastSeenAt = writing.now
  const known = await findDevice(tx, token)
  if (known !== undefined) {
    await touchRow(writing, knownDevices, known, { lastSeenAt })
    return false
  }
  const strange = await wasSignedIn(tx)
  const others = await tx.list(knownDevices, { limit: mostDevices })
  if (others.length === mostDevices) {
    const { id } = others.reduce((oldest, each) => (each.lastSeenAt < oldest.lastSeenAt ? each : oldest))
    await tx.delete(knownDevices, id, { type: 'device.forgotten' })
  }
  const hash = hashOf(tx, token)
  await tx.insert(knownDevices, { hash, lastSeenAt }, { type: 'device.noted' })
  return strange
}

/** Forgets the account's browsers, all but the one that holds `token`. */
export async function forgetDevices(tx: UserTransaction, token: string | undefined): Promise<void> {
  const kept = token === undefined ? undefined : await findDevice(tx, token)
  for (const { id } of await tx.list(knownDevices, { limit: mostDevices })) {
    if (id !== kept) await tx.delete(knownDevices, id, { type: 'device.forgotten' })
  }
}

async function findDevice(tx: UserTransaction, token: string): Promise<Id<'knownDevice'> | undefined> {
  const { db, userId } = insideOfTransaction(tx)
  const [found] = await db
    .select({ id: knownDevices.id })
    .from(knownDevices)
    .where(and(eq(knownDevices.userId, userId), eq(knownDevices.hash, hashOf(tx, token))))
  return found?.id
}

/** One browser can hold sessions of several accounts in turn: their rows must not tell that they share it. */
function hashOf({ userId }: UserTransaction, token: string): Buffer {
  return hashToken(`${userId} ${token}`)
}

/**
 * Whether the account ever had a session. The first stands near the beginning of a chain: it is found after a few
 * entries, however long the chain is.
 */
export async function wasSignedIn(tx: UserTransaction): Promise<boolean> {
  const { db, userId } = insideOfTransaction(tx)
  const started = and(eq(auditEvents.subjectId, userId), eq(auditEvents.action, 'session.started'))
  const found = await db.select({ seq: auditEvents.seq }).from(auditEvents).where(started).limit(1)
  return found.length > 0
}
