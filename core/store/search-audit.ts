import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { OortError } from '../errors.ts'
import { auditEvents } from './schema.ts'
import type { Db } from './store.ts'

export interface AuditFilter {
  readonly targetId?: string | undefined
  readonly actorId?: string | undefined
  readonly subjectId?: string | undefined
  readonly action?: string | undefined
  /** Milliseconds since the epoch, the first included and the last not. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

export interface AuditPage extends AuditFilter {
  /** Only rows that come after this one, which is the cursor of the page. */
  readonly after?: number | undefined
  readonly limit: number
}

const { ts, seq } = auditEvents
const rowid = sql<number>`rowid`

/**
 * The ways along the log, the narrowest first: the column that an index begins with and the one it goes on with, by
 * which a page is in order without being sorted.
 */
const ways = [
  { by: 'targetId', order: seq },
  { by: 'actorId', order: ts },
  { by: 'subjectId', order: seq },
  { by: 'action', order: ts },
] as const

/** Rows of all chains, newest first, with their rowid. Throws CURSOR_INVALID for an `after` that is no row's. */
export async function searchAudit(db: Db, page: AuditPage) {
  return auditQuery(db, page, page.after === undefined ? undefined : await placeOf(db, page.after))
}

/** Where a page goes on. */
interface Place {
  readonly rowid: number
  readonly ts: number
  readonly seq: number
}

async function placeOf(db: Db, at: number): Promise<Place> {
  const [place] = await db.select({ rowid, ts, seq }).from(auditEvents).where(eq(rowid, at))
  if (place === undefined) throw new OortError('CURSOR_INVALID')
  return place
}

/** The statement behind a page: for `searchAudit`, and for the test that holds it to its indexes. */
export function auditQuery(db: Db, { from, to, limit, ...filter }: AuditPage, place: Place | undefined) {
  const given = ways.flatMap(({ by, order }) => (filter[by] === undefined ? [] : [{ by, order, value: filter[by] }]))
  const order = given[0]?.order ?? ts
  const conditions = given.map(({ by, value }, index) => eq(column(db, auditEvents[by], index > 0), value))
  const time = column(db, ts, order !== ts)
  // A page goes on below `to` already: of two upper bounds the planner would take either.
  const until = place === undefined ? time : column(db, ts, true)
  return db
    .select({ rowid, entry: auditEvents })
    .from(auditEvents)
    .where(
      and(
        ...conditions,
        from === undefined ? undefined : gte(time, from),
        to === undefined ? undefined : lt(until, to),
        place && sql`(${order}, rowid) < (${order === ts ? place.ts : place.seq}, ${place.rowid})`,
      ),
    )
    .orderBy(desc(order), desc(rowid))
    .limit(limit)
}

/** A hidden one is out of the planner's sight, so that it goes along the index that was chosen here. */
function column({ $dialect }: Db, named: SQLiteColumn, hidden: boolean): SQL {
  return hidden ? $dialect.unindexed(named) : sql`${named}`
}
