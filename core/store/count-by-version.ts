import { setImmediate as nextTurn } from 'node:timers/promises'
import { and, gt, isNotNull, lte, type SQL, sql } from 'drizzle-orm'
import type { AnySQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { sealedTables } from './sealed-tables.ts'
import type { Db } from './store.ts'

/** How many values of one name are sealed under one version of the master key. */
export interface VersionCount {
  readonly table: string
  readonly value: string
  readonly version: number
  readonly count: number
}

/** Rows that are counted in one go. */
const stride = 10_000

/** Counts every sealed value by its version. Costs a pass over each table, during which other work goes on. */
export async function countByVersion(db: Db): Promise<readonly VersionCount[]> {
  const counts: VersionCount[] = []
  for (const { table, name, values } of sealedTables()) {
    for (const { name: value, keyVersion } of values) {
      const found = await countValue(db, table, keyVersion)
      for (const [version, count] of found) counts.push({ table: name, value, version, count })
    }
  }
  return counts
}

async function countValue(db: Db, table: SQLiteTable, keyVersion: AnySQLiteColumn): Promise<Map<number, number>> {
  const rowid = db.$dialect.rowNumber
  const counts = new Map<number, number>()
  if (rowid === undefined) {
    for (const { version, count } of await countRows(db, table, keyVersion)) counts.set(Number(version), count)
    return counts
  }
  const [end] = await db.select({ rowid: sql<number | null>`max(${rowid})` }).from(table)
  const last = end?.rowid ?? 0
  for (let after = 0; after < last; after += stride) {
    const rows = await countRows(db, table, keyVersion, and(gt(rowid, after), lte(rowid, after + stride)))
    for (const { version, count } of rows) counts.set(Number(version), (counts.get(Number(version)) ?? 0) + count)
    await nextTurn()
  }
  return counts
}

function countRows(db: Db, table: SQLiteTable, keyVersion: AnySQLiteColumn, among?: SQL) {
  return db
    .select({ version: keyVersion, count: sql<number>`count(*)` })
    .from(table)
    .where(and(among, isNotNull(keyVersion)))
    .groupBy(keyVersion)
}
