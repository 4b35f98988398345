import { setImmediate as nextTurn } from 'node:timers/promises'
import { and, type SQL, sql } from 'drizzle-orm'
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

const columns = ({ $dialect: { hex } }: Db): SQL => sql`rowid, subject_id AS "subjectId", seq, ts,
  actor_kind AS "actorKind", actor_id AS "actorId", action, target_kind AS "targetKind", target_id AS "targetId", detail,
  request_id AS "requestId", ${hex(sql`prev`)} AS prev, ${hex(sql`hash`)} AS hash`

/**
 * All audit rows, or those of one subject, in the order of (subject, seq). Each page is a read of its own, so that no
 * snapshot holds the write-ahead log, and other work comes in between. Rows added meanwhile may be met or not.
 * rowid takes part in the order, so that no row hides behind another of the same subject and seq.
 */
export async function* auditPages(db: Db, subjectId?: UserId): AsyncGenerator<readonly AuditRow[]> {
  const mine = subjectId === undefined ? undefined : sql`subject_id = ${subjectId}`
  // The first page begins with whatever comes first: of numbers that are none of ours, too.
  let further: SQL | undefined
  for (;;) {
    const rows = await db.all<AuditRow>(
      sql`SELECT ${columns(db)} FROM audit_events WHERE ${and(mine, further) ?? sql`true`}
          ORDER BY subject_id, seq, rowid LIMIT ${pageSize}`,
    )
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    further = sql`(subject_id, seq, rowid) > (${last.subjectId}, ${last.seq}, ${last.rowid})`
    await nextTurn()
  }
}

/** All audit rows in the order in which they were written, which is how they lie on disk: a third of the time. */
export async function* auditPagesAsWritten(db: Db): AsyncGenerator<readonly AuditRow[]> {
  for (let after = 0; ; await nextTurn()) {
    const rows = await db.all<AuditRow>(
      sql`SELECT ${columns(db)} FROM audit_events WHERE rowid > ${after} ORDER BY rowid LIMIT ${pageSize}`,
    )
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.rowid
  }
}

/** How many audit rows there are. */
export function countAudit(db: Db): Promise<number> {
  return oneNumber(db, sql`SELECT count(*) AS number FROM audit_events`)
}

/** A place in a chain. */
export interface Place {
  readonly subjectId: UserId
  readonly seq: number
}

/** The hashes of the rows at these places, no two of one subject. In lower-case hex; none where no row is. */
export async function hashesAt(db: Db, places: readonly Place[]): Promise<Map<UserId, string | null>> {
  const list = places.map(({ subjectId, seq }) => sql`(${subjectId}, CAST(${seq} AS bigint))`)
  const rows = await db.all<Pick<AuditRow, 'subjectId' | 'hash'>>(
    sql`SELECT subject_id AS "subjectId", ${db.$dialect.hex(sql`hash`)} AS hash FROM audit_events
        WHERE (subject_id, seq) IN (VALUES ${sql.join(list, sql`, `)})`,
  )
  return new Map(rows.map(({ subjectId, hash }) => [subjectId, hash]))
}

/**
 * The highest number that a row was given. Where one writer numbers them it is how many rows were ever appended, since
 * none is ever deleted; elsewhere a transaction that failed may leave a gap.
 */
export function countAppended(db: Db): Promise<number> {
  return oneNumber(db, sql`SELECT max(rowid) AS number FROM audit_events`)
}

/** When the newest row was written, in milliseconds; undefined in an empty log. */
export async function newestAudit(db: Db): Promise<number | undefined> {
  const [newest] = await db.all<{ ts: number }>(sql`SELECT ts FROM audit_events ORDER BY rowid DESC LIMIT 1`)
  return newest?.ts
}

/** The heads of the chains that grew after the row numbered `after`, up to the one numbered `upTo`. */
export async function headsSince(db: Db, after: number, upTo: number): Promise<Map<UserId, ChainHead>> {
  const rows = await db.all<ChainHead & { readonly subjectId: UserId }>(
    sql`SELECT subject_id AS "subjectId", seq, ${db.$dialect.hex(sql`hash`)} AS hash FROM audit_events
        WHERE rowid > ${after} AND rowid <= ${upTo} ORDER BY rowid`,
  )
  const heads = new Map<UserId, ChainHead>()
  for (const { subjectId, seq, hash } of rows) {
    if (seq > (heads.get(subjectId)?.seq ?? 0)) heads.set(subjectId, { seq, hash })
  }
  return heads
}

async function oneNumber(db: Db, query: SQL): Promise<number> {
  const [row] = await db.all<{ number: number | null }>(query)
  return row?.number ?? 0
}
