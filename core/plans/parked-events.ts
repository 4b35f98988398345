import { desc, eq, lt } from 'drizzle-orm'
import type { Actor } from '../audit/events.ts'
import { contextOf } from '../crypto/context-of.ts'
import { OortError } from '../errors.ts'
import type { Id, UserId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import type { AdminScope } from '../scope/admin-scope.ts'
import { insertRow } from '../scope/write-rows.ts'
import { billingAccounts, parkedEvents, users } from '../store/schema.ts'
import { unpackSealed } from '../store/sealed-row.ts'
import type { Db } from '../store/store.ts'
import { applyPaymentEvent, type Outcome } from './apply-payment-event.ts'
import { readPaymentEvent } from './read-payment-event.ts'
import { userOf } from './receive-payment-event.ts'

/** An event in the inbox as an administrator sees it: not its payload, in which people can be named. */
export interface ParkedEvent {
  readonly id: Id<'parkedEvent'>
  readonly stripeId: string
  readonly type: string
  readonly reason: 'unknown_customer' | 'unreadable'
  readonly customerId: string | null
  readonly occurredAt: number
  readonly createdAt: number
}

/** The inbox, newest first. `_admin` is the caller's proof of being an administrator. */
export async function listParkedEvents(
  platform: Platform,
  _admin: AdminScope,
  { before, limit }: { readonly before: Id<'parkedEvent'> | undefined; readonly limit: number },
): Promise<ParkedEvent[]> {
  const { id, stripeId, type, reason, customerId, occurredAt, createdAt } = parkedEvents
  return insideOf(platform)
    .store.read.select({ id, stripeId, type, reason, customerId, occurredAt, createdAt })
    .from(parkedEvents)
    .where(before === undefined ? undefined : lt(id, before))
    .orderBy(desc(id))
    .limit(limit)
}

export interface Replay {
  readonly eventId: Id<'parkedEvent'>
  /** The user whom the administrator found to be the customer. Needed while the customer is unknown. */
  readonly userId: UserId | undefined
  readonly requestId: string
}

/**
 * Lets a parked event take effect, as if it arrived now: later events about the same subscription still hold. It stands
 * in the user's audit chain as the administrator's doing, as does the link between user and customer where it is made.
 *
 * Throws NOT_FOUND for an event that is not in the inbox (any more) or a user that does not exist; CONFLICT when nobody
 * is the customer, somebody else is, the user is another customer, or this version still cannot read the event; and as
 * `demandRight` does.
 */
export function replayParkedEvent(platform: Platform, admin: AdminScope, replay: Replay): Promise<Outcome> {
  const { store, keyring, clock } = insideOf(platform)
  const actor: Actor = { kind: 'admin', id: admin.adminId, requestId: replay.requestId }
  return store.write(async (db) => {
    await admin.demandRight(db)
    const [row] = await db.select().from(parkedEvents).where(eq(parkedEvents.id, replay.eventId))
    if (row === undefined) throw new OortError('NOT_FOUND')
    const payload = keyring.openText(unpackSealed(row, 'payload'), contextOf('parked_events', 'payload', row))
    const event = readPaymentEvent(payload)
    if (event.kind !== 'subscription') throw new OortError('CONFLICT', { detail: 'The event cannot be read.' })
    const known = await userOf(db, event.customerId)
    const userId = known ?? (await userToLink(db, replay.userId))
    if (replay.userId !== undefined && replay.userId !== userId) {
      throw new OortError('CONFLICT', { detail: 'Another user is this customer.' })
    }
    const writing = { db, keyring, userId, actor, now: clock() }
    if (known === undefined) {
      await insertRow(writing, billingAccounts, { customerId: event.customerId }, { type: 'billing.linked' })
    }
    return applyPaymentEvent(writing, event, payload)
  })
}

async function userToLink(db: Db, userId: UserId | undefined): Promise<UserId> {
  if (userId === undefined) throw new OortError('CONFLICT', { detail: 'Nobody is this customer: name the user.' })
  const [user] = await db.select({ id: users.id }).from(users).where(eq(users.id, userId))
  if (user === undefined) throw new OortError('NOT_FOUND')
  const [account] = await db.select().from(billingAccounts).where(eq(billingAccounts.userId, userId))
  if (account !== undefined) throw new OortError('CONFLICT', { detail: 'The user is another customer.' })
  return userId
}
