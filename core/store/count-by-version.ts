import { and, isNotNull, sql } from 'drizzle-orm'
import { type IdRange, idRanges, isWithin } from './id-ranges.ts'
import { type SealedTable, sealedTables } from './sealed-tables.ts'
import type { Db } from './store.ts'

/** How many values of one name are sealed under one version of the master key. */
export interface VersionCount {
  readonly table: string
  readonly value: string
  readonly version: number
  readonly count: number
}

/** Counts every sealed value by its version. Costs a pass over each table, during which other work goes on. */
export async function countByVersion(db: Db): Promise<readonly VersionCount[]> {
  const counts: VersionCount[] = []
  for (const sealedTable of sealedTables()) {
    const { name: table, values } = sealedTable
    const found = new Map(values.map(({ name }) => [name, new Map<number, number>()]))
    for await (const range of idRanges(db, sealedTable)) {
      for (const value of values) {
        const sums = found.get(value.name)
        for (const { version, count } of await countWithin(db, sealedTable, value, range)) {
          sums?.set(Number(version), (sums.get(Number(version)) ?? 0) + count)
        }
      }
    }
    for (const [value, sums] of found)
      for (const [version, count] of sums) counts.push({ table, value, version, count })
  }
  return counts
}

function countWithin(
  db: Db,
  { table, id }: SealedTable,
  { keyVersion }: SealedTable['values'][number],
  range: IdRange,
) {
  return db
    .select({ version: keyVersion, count: sql<number>`count(*)` })
    .from(table)
    .where(and(isWithin(id, range), isNotNull(keyVersion)))
    .groupBy(keyVersion)
}
