import { sql } from 'drizzle-orm'
import { sealedTables } from './sealed-tables.ts'
import type { Db } from './store.ts'

/** How many values of one name are sealed under one version of the master key. */
export interface VersionCount {
  readonly table: string
  readonly value: string
  readonly version: number
  readonly count: number
}

/** Counts every sealed value by its version, in reads of their own. Costs a pass over each table. */
export async function countByVersion(db: Db): Promise<readonly VersionCount[]> {
  const counts: VersionCount[] = []
  for (const { table, name, values } of sealedTables()) {
    for (const value of values) {
      const rows = await db
        .select({ version: value.keyVersion, count: sql<number>`count(*)` })
        .from(table)
        .where(sql`${value.keyVersion} IS NOT NULL`)
        .groupBy(value.keyVersion)
      for (const row of rows) {
        counts.push({ table: name, value: value.name, version: Number(row.version), count: row.count })
      }
    }
  }
  return counts
}
