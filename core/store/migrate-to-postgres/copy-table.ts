import type { ClientBase } from 'pg'
import type { Row } from './row.ts'
import { asSound } from './sound-row.ts'
import type { Source } from './source.ts'
import type { TableShape } from './table-shape.ts'
import { bytesOf, lastRow } from './target-rows.ts'

/** Rows that share a transaction. */
const mostRows = 1_000
const mostBytes = 4_000_000

const arrays = { text: 'text[]', integer: 'bigint[]', blob: 'bytea[]' } as const

/**
 * Copies what the target has not yet, each batch a transaction. Rows go in the order of their keys, so that the highest
 * key there says how far an earlier attempt came. Answers how many were copied now.
 */
export async function copyTable(
  source: Source,
  client: ClientBase,
  table: TableShape,
  onRows: (count: number) => void,
): Promise<number> {
  const insert = insertInto(table)
  let copied = 0
  let [batch, bytes]: [Row[], number] = [[], 0]
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    const rows = batch
    await client.query(
      insert,
      table.columns.map(({ kind }, at) =>
        rows.map((row) => (kind === 'text' ? (row[at]?.toString() ?? null) : row[at])),
      ),
    )
    copied += rows.length
    onRows(rows.length)
    ;[batch, bytes] = [[], 0]
  }
  for (const given of source.rows(table, await lastRow(client, table))) {
    const row = asSound(given)
    batch.push(row)
    bytes += bytesOf(row)
    if (batch.length >= mostRows || bytes >= mostBytes) await flush()
  }
  await flush()
  return copied
}

/** Entries of the log must follow each other within a statement too. */
function insertInto({ name, columns }: TableShape): string {
  const names = columns.map((column) => `"${column.name}"`).join()
  const cells = columns.map((_, at) => `c${at}`).join()
  const given = columns.map(({ kind }, at) => `$${at + 1}::${arrays[kind]}`).join()
  return `INSERT INTO public.${name} (${names})
    SELECT ${cells} FROM unnest(${given}) WITH ORDINALITY AS given (${cells}, nth) ORDER BY nth`
}
