import { getTableColumns, sql } from 'drizzle-orm'
import type { Keyring } from '../crypto/keyring.ts'
import { noteDeletion } from '../deletions/note-deletion.ts'
import type { UserId } from '../ids.ts'
import { fixedLimit, prepared } from '../store/prepared.ts'
import { auditEvents } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { channels } from '../telemetry/channels.ts'
import { type AuditEntry, firstPrev, hashEntry } from './entry.ts'
import type { Actor, AuditEvent } from './events.ts'

export interface Occurrence {
  readonly subjectId: UserId
  readonly actor: Actor
  readonly event: AuditEvent
  readonly target: { readonly kind: string; readonly id: string }
  readonly ts: number
}

/** The last entry of a chain: its number and its hash, which vouches for all before it. */
export interface ChainHead {
  readonly seq: number
  readonly hash: Buffer
}

/**
 * Appends an event to its subject's chain, inside the unit of work that makes the change it tells of: both are
 * committed or neither is. Answers the head of the chain after it. `db` must be the writing side.
 */
export async function appendEvent(db: Db, keyring: Keyring, occurrence: Occurrence): Promise<ChainHead> {
  const heads = headsOf(db)
  const remembered = heads.get(occurrence.subjectId)
  const head = await appendAfter(db, keyring, occurrence, remembered).catch((error: unknown) => {
    // Another process went on from there, or the unit that wrote it was rolled back: the database's own word counts.
    if (remembered === undefined || !db.$dialect.isLinkRefused(error)) throw error
    return appendAfter(db, keyring, occurrence, undefined)
  })
  if (heads.size >= mostHeads) heads.clear()
  heads.set(occurrence.subjectId, head)
  noteDeletion(db, occurrence.event.type)
  channels.auditAppended.tell(undefined)
  return head
}

async function appendAfter(
  db: Db,
  keyring: Keyring,
  { subjectId, actor, event, target, ts }: Occurrence,
  remembered: ChainHead | undefined,
): Promise<ChainHead> {
  const { type: action, ...detail } = event
  const last = remembered ?? (await headStatement(db).execute({ subjectId }))[0]
  const entry: AuditEntry = {
    subjectId,
    seq: (last?.seq ?? 0) + 1,
    ts,
    actorKind: actor.kind,
    actorId: actor.id,
    action,
    targetKind: target.kind,
    targetId: target.id,
    detail: JSON.stringify(detail),
    requestId: actor.requestId,
    prev: last?.hash ?? firstPrev,
  }
  const hash = hashEntry(keyring, entry)
  await appendStatement(db).execute({ ...entry, hash })
  return { seq: entry.seq, hash }
}

/** Beyond it all are forgotten, and read again. */
const mostHeads = 10_000

/**
 * Where each chain stood when this connection last wrote to it: a guess, which the database checks at each entry. Where
 * a wrong guess would be the end of the unit of work, what the unit wrote itself is remembered and no more.
 */
const remembering = new WeakMap<object, Map<UserId, ChainHead>>()

function headsOf(db: Db): Map<UserId, ChainHead> {
  const writer = db.$dialect.goesOnAfterRefusal ? db.$client : db
  const known = remembering.get(writer) ?? new Map<UserId, ChainHead>()
  remembering.set(writer, known)
  return known
}

function headStatement(db: Db) {
  const { chainHeads = auditEvents } = db.$dialect
  return prepared(db, 'head of chain', () =>
    db
      .select({ seq: sql<number>`seq`, hash: sql<Buffer>`hash` })
      .from(chainHeads)
      .where(sql`subject_id = ${sql.placeholder('subjectId')}`)
      .orderBy(sql`seq DESC`)
      .limit(fixedLimit(1))
      .prepare(),
  )
}

function appendStatement(db: Db) {
  return prepared(db, 'append entry', () => {
    const places = Object.keys(getTableColumns(auditEvents)).map((name) => [name, sql.placeholder(name)])
    return db.insert(auditEvents).values(Object.fromEntries(places)).prepare()
  })
}
