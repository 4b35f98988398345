import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AuditEntry } from '../audit/entry.ts'
import type { UserId } from '../ids.ts'
import type { Db } from './store.ts'

/**
 * An audit row as it lies in the table, which somebody may have written to behind our back: types are not certain.
 * Hashes are in lower-case hex, which is faster to hand over than bytes, and null where there is something else.
 */
export type AuditRow = Omit<AuditEntry, 'prev'> & {
  readonly rowid: number
  readonly prev: string | null
  readonly hash: string | null
}

/** The end of a chain. */
export interface ChainHead {
  readonly seq: number
  /** In lower-case hex. */
  readonly hash: string
}

const pageSize = 1_000
const hexOf = (column: string) => `iif(typeof(${column}) = 'blob', lower(hex(${column})), NULL) AS ${column}`
const columns = `rowid, subject_id AS subjectId, seq, ts, actor_kind AS actorKind, actor_id AS actorId, action,
  target_kind AS targetKind, target_id AS targetId, detail, request_id AS requestId, ${hexOf('prev')}, ${hexOf('hash')}`

/**
 * All audit rows, or those of one subject, in the order of (subject, seq). Each page is a read of its own, so that no
 * snapshot holds the write-ahead log, and other work comes in between. Rows added meanwhile may be met or not.
 * rowid takes part in the order, so that no row hides behind another of the same subject and seq.
 */
export async function* auditPages(db: Db, subjectId?: UserId): AsyncGenerator<readonly AuditRow[]> {
  const condition = subjectId === undefined ? '' : 'subject_id = @subjectId AND'
  const page = db.$client.prepare<[object], AuditRow>(
    `SELECT ${columns} FROM audit_events
     WHERE ${condition} (subject_id, seq, rowid) > (@subject, @seq, @row)
     ORDER BY subject_id, seq, rowid LIMIT ${pageSize}`,
  )
  let after: object = { subject: '', seq: 0, row: 0 }
  for (;;) {
    const rows = page.all({ ...after, subjectId })
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = { subject: last.subjectId, seq: last.seq, row: last.rowid }
    await nextTurn()
  }
}

/** All audit rows in the order in which they were written, which is how they lie on disk: a third of the time. */
export async function* auditPagesAsWritten(db: Db): AsyncGenerator<readonly AuditRow[]> {
  const page = db.$client.prepare<[number], AuditRow>(
    `SELECT ${columns} FROM audit_events WHERE rowid > ? ORDER BY rowid LIMIT ${pageSize}`,
  )
  for (let after = 0; ; await nextTurn()) {
    const rows = page.all(after)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.rowid
  }
}

/** How many audit rows there are. */
export function countAudit(db: Db): number {
  return db.$client.prepare<[], number>('SELECT count(*) FROM audit_events').pluck().get() ?? 0
}

/** The row at one place of a chain. */
export function auditRowAt(db: Db, subjectId: UserId, seq: number): AuditRow | undefined {
  const statement = db.$client.prepare<[string, number], AuditRow>(
    `SELECT ${columns} FROM audit_events WHERE subject_id = ? AND seq = ?`,
  )
  return statement.get(subjectId, seq)
}

/** How many rows were ever appended: rowids count them, since none is ever deleted. */
export function countAppended(db: Db): number {
  return db.$client.prepare<[], number | null>('SELECT max(rowid) FROM audit_events').pluck().get() ?? 0
}

/** When the newest row was written, in milliseconds; undefined in an empty log. */
export function newestAudit(db: Db): number | undefined {
  return db.$client.prepare<[], number>('SELECT ts FROM audit_events ORDER BY rowid DESC LIMIT 1').pluck().get()
}

/** The heads of the chains that grew after the first `after` rows, among the first `upTo`. */
export function headsSince(db: Db, after: number, upTo: number): Map<UserId, ChainHead> {
  const rows = db.$client.prepare<[number, number], ChainHead & { readonly subjectId: UserId }>(
    `SELECT subject_id AS subjectId, seq, lower(hex(hash)) AS hash FROM audit_events
     WHERE rowid > ? AND rowid <= ? ORDER BY rowid`,
  )
  const heads = new Map<UserId, ChainHead>()
  for (const { subjectId, seq, hash } of rows.iterate(after, upTo)) heads.set(subjectId, { seq, hash })
  return heads
}
