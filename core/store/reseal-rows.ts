import { asc, eq, getTableColumns, inArray } from 'drizzle-orm'
import type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core'
import { contextOf, type SealedPlace } from '../crypto/context-of.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { OortError } from '../errors.ts'
import { prepared, slot } from './prepared.ts'
import { packSealed, sealedColumnsOf, unpackOptionalSealed } from './sealed-row.ts'
import type { SealedTable } from './sealed-tables.ts'
import type { Db } from './store.ts'

/** Where a value lies that does not open: only ids and names. */
export interface Unopened {
  readonly table: string
  readonly value: string
  readonly id: string
}

export interface Resealed {
  /** The last of the ids that had its turn. */
  readonly upTo: string
  readonly rows: number
  readonly unopened: readonly Unopened[]
}

/** Others wait meanwhile, and give up after five seconds. */
const longestMs = 1_000

/**
 * Seals anew the rows of these ids, given in their order, as they are at this moment: as many as a second allows, and one
 * at least. One that is gone meanwhile, or was sealed anew by others, is left alone.
 */
export async function resealRows(
  db: Db,
  keyring: Keyring,
  sealedTable: SealedTable,
  ids: readonly [string, ...string[]],
): Promise<Resealed> {
  const { table, id } = sealedTable
  const deadline = performance.now() + longestMs
  const unopened: Unopened[] = []
  let rows = 0
  const found = await db
    .select()
    .from(table)
    .where(inArray(id, [...ids]))
    .orderBy(asc(id))
  for (const row of found as (SealedPlace & object)[]) {
    const { values, failed } = resealValues(keyring, sealedTable, row)
    unopened.push(...failed)
    if (values === undefined) continue
    // Asked of the connection each time, which says so where the unit has been ended meanwhile.
    await updateOn(db, sealedTable).execute(values)
    rows += 1
    if (performance.now() > deadline) return { upTo: row.id, rows, unopened }
  }
  return { upTo: ids.at(-1) ?? ids[0], rows, unopened }
}

/** The sealed columns of a row as they are to be; undefined where there is nothing to change. */
function resealValues(keyring: Keyring, { name, values }: SealedTable, row: SealedPlace & object) {
  const resealed: Record<string, unknown> = { ...row }
  const failed: Unopened[] = []
  let changed = false
  for (const value of values) {
    const sealed = unpackOptionalSealed(row as never, value.name)
    if (sealed === null || sealed.keyVersion >= keyring.currentVersion) continue
    const context = contextOf(name, value.name, row)
    try {
      Object.assign(resealed, packSealed(value.name, keyring.seal(keyring.open(sealed, context), context)))
      changed = true
    } catch (error) {
      if (!(error instanceof OortError && error.code === 'DECRYPTION_FAILED')) throw error
      failed.push({ table: name, value: value.name, id: row.id })
    }
  }
  return { values: changed ? resealed : undefined, failed }
}

/** Sets the sealed columns of a row and no other. */
function updateOn(db: Db, { table, name, id, values }: SealedTable) {
  return prepared(db, `reseal ${name}`, () => {
    const all = getTableColumns(table)
    const columns = values.flatMap((value) => sealedColumnsOf(value.name))
    const set = Object.fromEntries(columns.map((column) => [column, slot(all[column] as AnySQLiteColumn, column)]))
    return db
      .update(table)
      .set(set as never)
      .where(eq(id, slot(id, 'id')))
      .prepare()
  })
}
