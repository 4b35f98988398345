import { is, SQL } from 'drizzle-orm'
import { toSnakeCase } from 'drizzle-orm/casing'
import { getTableConfig, type SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from '../schema.ts'

export type Kind = 'text' | 'integer' | 'blob'

/** A table as both engines have it. Columns are known by their position. */
export interface TableShape {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly kind: Kind }[]
  /** What tells rows apart, and in whose order they are copied. Both engines compare it byte by byte. */
  readonly key: readonly number[]
  /** The columns of every index, the primary key among them. */
  readonly indexes: readonly (readonly number[])[]
}

/** These tell of the moment: who is at work, and how often somebody called. */
const ofTheMoment: readonly SQLiteTable[] = [schema.instances, schema.callCounts]

/** Every table that is moved, those that are referred to before those that refer to them. */
export const movedTables: readonly TableShape[] = inOrder(
  Object.values(schema)
    .filter((each) => is(each, SQLiteTable))
    .filter((table) => !ofTheMoment.includes(table)),
).map(shapeOf)

/** Names of tables that stay where they are. */
export const stayingTables: readonly string[] = [
  '__drizzle_migrations',
  ...ofTheMoment.map((table) => getTableConfig(table).name),
]

/** Whether entries can only be added to it: it can never be emptied. */
export function isAppendOnly({ name }: TableShape): boolean {
  return name === getTableConfig(schema.auditEvents).name
}

function inOrder(tables: readonly SQLiteTable[]): readonly SQLiteTable[] {
  const placed = new Set<SQLiteTable>()
  const place = (table: SQLiteTable): void => {
    if (placed.has(table)) return
    for (const key of getTableConfig(table).foreignKeys) {
      const { foreignTable } = key.reference()
      if (foreignTable !== table) place(foreignTable as SQLiteTable)
    }
    placed.add(table)
  }
  tables.forEach(place)
  return [...placed]
}

function shapeOf(table: SQLiteTable): TableShape {
  const { name, columns, primaryKeys, indexes } = getTableConfig(table)
  const at = (column: SQLiteColumn): number => columns.indexOf(column)
  const own = columns.filter(({ primary }) => primary)
  const primary = primaryKeys[0]?.columns.map(at) ?? own.map(at)
  const shape: TableShape = {
    name,
    columns: columns.map((column) => ({ name: toSnakeCase(column.name), kind: kindOf(name, column) })),
    key: primary,
    indexes: [
      primary,
      ...columns.filter(({ isUnique }) => isUnique).map((column) => [at(column)]),
      ...indexes.map(({ config }) => config.columns.flatMap((each) => (is(each, SQL) ? [] : [at(each)]))),
    ],
  }
  if (!isAppendOnly(shape)) return shape
  // Queries of the log go by the order in which entries were written.
  const numbered = [...shape.columns, { name: 'rowid', kind: 'integer' as const }]
  return { ...shape, columns: numbered, key: [shape.columns.length] }
}

function kindOf(table: string, column: SQLiteColumn): Kind {
  const type = column.getSQLType()
  if (type === 'text' || type === 'integer' || type === 'blob') return type
  throw new TypeError(`${table}.${column.name} is of an unknown type`)
}
