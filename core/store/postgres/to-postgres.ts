import { is, SQL } from 'drizzle-orm'
import {
  type AnyPgColumn,
  customType,
  type ExtraConfigColumn,
  foreignKey,
  index,
  type PgColumnBuilderBase,
  type PgTable,
  type PgTableExtraConfigValue,
  pgTable,
  primaryKey,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { getTableConfig, type SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'

/**
 * Text is compared by its bytes, as SQLite does, whatever the locale of the server: ids and cursors sort by when they
 * were made. One type serves all that SQLite's builder writes as an integer: times, counts, and booleans as 0 and 1.
 */
const types = new Map([
  ['text', 'text COLLATE "C"'],
  ['integer', 'bigint'],
  ['blob', 'bytea'],
])

/** The tables of PostgreSQL by the names of those that describe them. */
export type Derived<Schema> = { [Name in keyof Schema as Schema[Name] extends SQLiteTable ? Name : never]: PgTable }

type Columns = Readonly<Record<string, PgColumnBuilderBase>>

/**
 * Derives PostgreSQL's tables from those of SQLite, by the SQL name of a table with `extraColumns` of its own.
 * TypeError for anything a table has that has no counterpart here: it must not be lost in silence.
 */
export function toPostgres<Schema extends object>(
  schema: Schema,
  extraColumns: Readonly<Record<string, Columns>> = {},
): Derived<Schema> {
  const derived = new Map<unknown, PgTable>()
  const tables = Object.entries(schema)
    .filter((each): each is [string, SQLiteTable] => is(each[1], SQLiteTable))
    .map(([name, table]) => {
      const extra = extraColumns[getTableConfig(table).name] ?? {}
      const made = deriveTable(table, extra, (other) => derived.get(other))
      derived.set(table, made)
      return [name, made]
    })
  return Object.fromEntries(tables) as Derived<Schema>
}

function deriveTable(table: SQLiteTable, extra: Columns, other: (of: SQLiteTable) => PgTable | undefined): PgTable {
  const { name, columns, indexes, primaryKeys, foreignKeys, uniqueConstraints, checks } = getTableConfig(table)
  if (uniqueConstraints.length + checks.length > 0) throw new TypeError(`${name} has a constraint of an unknown kind`)
  const built = Object.fromEntries(columns.map((column) => [column.name, deriveColumn(name, column)]))
  return pgTable(name, { ...built, ...extra }, (own): PgTableExtraConfigValue[] => [
    ...primaryKeys.map((key) => primaryKey({ columns: pick(own, key.columns) })),
    ...foreignKeys.map((key) => {
      const { columns: from, foreignColumns: to, foreignTable } = key.reference()
      const target = other(foreignTable)
      if (target === undefined) throw new TypeError(`${name} refers to a table that the schema does not have`)
      const made = foreignKey({ columns: pick(own, from), foreignColumns: pick(target, to) })
      return made.onDelete(key.onDelete ?? 'no action').onUpdate(key.onUpdate ?? 'no action')
    }),
    ...indexes.map(({ config }) => {
      const made = (config.unique ? uniqueIndex : index)(config.name).on(...pickIndexed(own, config.columns))
      return config.where === undefined ? made : made.where(config.where)
    }),
  ])
}

function deriveColumn(table: string, column: SQLiteColumn): PgColumnBuilderBase {
  const type = types.get(column.getSQLType())
  if (type === undefined) throw new TypeError(`${table}.${column.name} is of an unknown type`)
  const builder = customType<{ data: unknown }>({ dataType: () => type })()
  if (column.primary) builder.primaryKey()
  if (column.notNull) builder.notNull()
  if (column.isUnique) builder.unique(column.uniqueName)
  const { default: value } = column
  if (value !== undefined) builder.default(is(value, SQL) ? value : column.mapToDriverValue(value))
  return builder
}

/** The columns of a table that bear the names of these. What drizzle calls a list of columns is never empty. */
function pick(table: object, columns: readonly SQLiteColumn[]): [AnyPgColumn, ...AnyPgColumn[]] {
  return columns.map((column) => named(table, column)) as [AnyPgColumn]
}

function pickIndexed(table: object, columns: readonly (SQLiteColumn | SQL)[]): [ExtraConfigColumn | SQL] {
  return columns.map((column) => (is(column, SQL) ? column : named(table, column))) as [ExtraConfigColumn | SQL]
}

function named(table: object, { name }: SQLiteColumn): unknown {
  return (table as Readonly<Record<string, unknown>>)[name]
}
