import pg, { type ClientBase } from 'pg'
import type { Cell, Row } from './row.ts'
import type { TableShape } from './table-shape.ts'

/** How much of a table is held at a time. */
const mostRows = 1_000
const aboutBytes = 4_000_000

/** By the object ids of int8 and text. Source: https://www.postgresql.org/docs/current/catalog-pg-type.html */
const parsers = new Map<number, (text: string) => Cell>([
  [20, BigInt],
  [25, (text) => Buffer.from(text, 'utf8')],
])

const exactTypes: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    parsers.get(id) ?? pg.types.getTypeParser(id, format as 'text')) as typeof pg.types.getTypeParser,
}

const columnsOf = ({ columns }: TableShape) => columns.map(({ name }) => `"${name}"`).join()
const keysOf = ({ columns, key }: TableShape, order = '') => key.map((at) => `"${columns[at]?.name}"${order}`).join()

function ask(client: ClientBase, text: string) {
  return client.query<Cell[], unknown[]>({ text, rowMode: 'array', types: exactTypes, values: [] })
}

/** All rows in the order of their keys, in memory that does not grow. Call it within a transaction. */
export async function* targetRows(client: ClientBase, table: TableShape): AsyncGenerator<Row> {
  await client.query(
    `DECLARE copied NO SCROLL CURSOR FOR SELECT ${columnsOf(table)} FROM public.${table.name} ORDER BY ${keysOf(table)}`,
  )
  for (let count = 100; ; ) {
    const { rows } = await ask(client, `FETCH ${count} FROM copied`)
    if (rows.length === 0) break
    yield* rows
    const bytes = rows.reduce((sum, row) => sum + bytesOf(row), 0)
    count = Math.max(1, Math.min(mostRows, Math.floor((aboutBytes / bytes) * rows.length)))
  }
  await client.query('CLOSE copied')
}

/** The row with the highest key, as far as a copy came; undefined in an empty table. */
export async function lastRow(client: ClientBase, table: TableShape): Promise<Row | undefined> {
  const query = `SELECT ${columnsOf(table)} FROM public.${table.name} ORDER BY ${keysOf(table, ' DESC')} LIMIT 1`
  return (await ask(client, query)).rows[0]
}

/** About how much memory a row takes. */
export function bytesOf(row: Row): number {
  return row.reduce((sum, cell) => sum + (Buffer.isBuffer(cell) ? cell.length : 0) + 16, 0)
}
