import { and, desc, eq, lt } from 'drizzle-orm'
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
  const rows = await db
    .select()
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.subjectId, userId),
        targetId === undefined ? undefined : eq(auditEvents.targetId, targetId),
        action === undefined ? undefined : eq(auditEvents.action, action),
        before === undefined ? undefined : lt(auditEvents.seq, before),
      ),
    )
    .orderBy(desc(auditEvents.seq))
    .limit(limit)
  return rows.map(({ seq, ts, actorKind, action: type, targetKind, targetId: target, detail }) => ({
    seq,
    ts,
    actorKind,
    action: type,
    targetKind,
    targetId: target,
    detail: JSON.parse(detail) as Record<string, unknown>,
  }))
}
