import { setImmediate as nextTurn } from 'node:timers/promises'
import { and, asc, gt, lte, type SQL } from 'drizzle-orm'
import type { AnySQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Db } from './store.ts'

/** Rows that one statement goes over: few enough for the time that it has, wherever they lie. */
const stride = 2_000

/** Some rows of a table, by their ids. */
export interface IdRange {
  readonly after: string
  /** Undefined for the last ones. */
  readonly upTo: string | undefined
}

/**
 * All the rows of a table in portions, for a look at each that is too much for one statement. Each portion is found by a
 * read of its own, and other work comes in between. A row that is added meanwhile may be met or not.
 */
export async function* idRanges(
  db: Db,
  { table, id }: { readonly table: SQLiteTable; readonly id: AnySQLiteColumn },
): AsyncGenerator<IdRange> {
  for (let after: string | undefined = ''; after !== undefined; await nextTurn()) {
    const end: readonly { id: unknown }[] = await db
      .select({ id })
      .from(table)
      .where(gt(id, after))
      .orderBy(asc(id))
      .limit(1)
      .offset(stride - 1)
    const upTo = end[0] === undefined ? undefined : String(end[0].id)
    yield { after, upTo }
    after = upTo
  }
}

/** The condition that a row is one of these. */
export function isWithin(id: AnySQLiteColumn, { after, upTo }: IdRange): SQL | undefined {
  return and(gt(id, after), upTo === undefined ? undefined : lte(id, upTo))
}
