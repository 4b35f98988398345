import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { type AnySQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from './schema.ts'
import { sealedNamesOf } from './sealed-row.ts'

/** A table that holds sealed values. */
export interface SealedTable {
  readonly table: SQLiteTable
  /** In SQL. */
  readonly name: string
  readonly id: AnySQLiteColumn
  /** The values by their names, each with two of its four columns. */
  readonly values: readonly {
    readonly name: string
    readonly keyVersion: AnySQLiteColumn
    readonly ciphertext: AnySQLiteColumn
  }[]
}

/**
 * Every table with sealed values that the schema has, but for the versions of the master key itself, which are sealed
 * each under its own (see key-versions.ts). TypeError for one whose rows have no id.
 */
export function sealedTables(): readonly SealedTable[] {
  return Object.values(schema)
    .filter((each) => is(each, SQLiteTable))
    .filter((table) => table !== schema.keyVersions && sealedNamesOf(table).length > 0)
    .map((table) => {
      const columns: Readonly<Record<string, AnySQLiteColumn>> = getTableColumns(table)
      const column = (name: string): AnySQLiteColumn => {
        const found = columns[name]
        if (found === undefined) throw new TypeError(`${getTableName(table)} has sealed values and no ${name}`)
        return found
      }
      const values = sealedNamesOf(table).map((name) => ({
        name,
        keyVersion: column(`${name}KeyVersion`),
        ciphertext: column(`${name}Ciphertext`),
      }))
      return { table, name: getTableName(table), id: column('id'), values }
    })
}
