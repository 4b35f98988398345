import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm'
import { auditEvents } from '../store/schema.ts'
import type { Reading } from './read-rows.ts'

/** An entry of the user's own audit log, as its owner sees it. */
export interface AuditRecord {
  readonly seq: number
  readonly ts: number
  readonly actorKind: 'user' | 'api_key' | 'admin' | 'system'
  readonly action: string
  readonly targetKind: string
  readonly targetId: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface AuditOptions {
  /** Only events about this record, such as one provider key: its ledger. */
  readonly targetId?: string
  /** Only events of this type, such as `key.used`. */
  readonly action?: string
  /** Only entries with a smaller `seq`: the cursor of the page. */
  readonly before?: number
  readonly limit: number
}

/** The newest entries of the user's own chain. */
export async function readAudit({ db, userId }: Reading, options: AuditOptions): Promise<AuditRecord[]> {
  const { targetId, action, before, limit } = options
  // The planner would walk the whole chain for one record.
  const subject = targetId === undefined ? auditEvents.subjectId : db.$dialect.unindexed(auditEvents.subjectId)
  const rows = await db
    .select()
    .from(auditEvents)
    .where(
      and(
        eq(sql`${subject}`, userId),
        targetId === undefined ? undefined : eq(auditEvents.targetId, targetId),
        action === undefined ? undefined : eq(auditEvents.action, action),
        before === undefined ? undefined : lt(auditEvents.seq, before),
      ),
    )
    .orderBy(desc(auditEvents.seq))
    .limit(limit)
  return rows.map(recordOf)
}

/** An entry with all that ties it to its chain: what a copy of the chain needs to be followed. */
export interface ChainEntry extends AuditRecord {
  /** Who acted; null for an administrator, who is a person too. */
  readonly actorId: string | null
  readonly requestId: string
  /** The hash of the entry before, in hexadecimal. */
  readonly prev: string
  /** See `hashEntry`: keyed, so that only who holds the key can work it out anew. */
  readonly hash: string
}

/** The user's own chain from `after` on, oldest first. */
export async function readChain(
  { db, userId }: Reading,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<ChainEntry[]> {
  const rows = await db
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.subjectId, userId), gt(auditEvents.seq, after)))
    .orderBy(asc(auditEvents.seq))
    .limit(limit)
  return rows.map((row) => ({
    ...recordOf(row),
    actorId: row.actorKind === 'admin' ? null : row.actorId,
    requestId: row.requestId,
    prev: row.prev.toString('hex'),
    hash: row.hash.toString('hex'),
  }))
}

export function recordOf(row: typeof auditEvents.$inferSelect): AuditRecord {
  const { seq, ts, actorKind, action, targetKind, targetId } = row
  const detail = JSON.parse(row.detail) as Record<string, unknown>
  return { seq, ts, actorKind, action, targetKind, targetId, detail }
}
