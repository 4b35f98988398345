import { desc, eq } from 'drizzle-orm'
import type { Keyring } from '../crypto/keyring.ts'
import type { UserId } from '../ids.ts'
import { auditEvents } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { type AuditEntry, firstPrev, hashEntry } from './entry.ts'
import type { Actor, AuditEvent } from './events.ts'

export interface Occurrence {
  readonly subjectId: UserId
  readonly actor: Actor
  readonly event: AuditEvent
  readonly target: { readonly kind: string; readonly id: string }
  readonly ts: number
}

/**
 * Appends an event to its subject's chain, inside the unit of work that makes the change it tells of: both are
 * committed or neither is. `db` must be the writing side.
 */
export async function appendEvent(db: Db, keyring: Keyring, occurrence: Occurrence): Promise<void> {
  const { subjectId, actor, target, ts } = occurrence
  const { type: action, ...detail } = occurrence.event
  const [head] = await db
    .select({ seq: auditEvents.seq, hash: auditEvents.hash })
    .from(auditEvents)
    .where(eq(auditEvents.subjectId, subjectId))
    .orderBy(desc(auditEvents.seq))
    .limit(1)
  const entry: AuditEntry = {
    subjectId,
    seq: (head?.seq ?? 0) + 1,
    ts,
    actorKind: actor.kind,
    actorId: actor.id,
    action,
    targetKind: target.kind,
    targetId: target.id,
    detail: JSON.stringify(detail),
    requestId: actor.requestId,
    prev: head?.hash ?? firstPrev,
  }
  await db.insert(auditEvents).values({ ...entry, hash: hashEntry(keyring, entry) })
}
