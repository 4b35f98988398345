import type { ClientBase } from 'pg'
import { hasCode } from '../../has-code.ts'
import type { Row } from './row.ts'
import type { TableShape } from './table-shape.ts'

/** program_limit_exceeded. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const tooLarge = '54000'

/** An entry of up to a third of a page always fits. Source: https://www.postgresql.org/docs/current/btree.html */
const alwaysFits = 2_600

const types = { text: 'text', integer: 'bigint', blob: 'bytea' } as const

/** Whether a row may be too large for an index: entries are compressed, so that its length alone does not say. */
export function mayNotFit(row: Row, index: readonly number[]): boolean {
  const bytes = index.reduce((sum, at) => sum + (Buffer.isBuffer(row[at]) ? row[at].length + 8 : 8), 0)
  return bytes > alwaysFits
}

/** Whether the server takes a row into an index. Tried with a table that is gone again when it answers. */
export async function fitsIndex(client: ClientBase, table: TableShape, row: Row, index: readonly number[]) {
  const kinds = index.map((at) => table.columns[at]?.kind ?? 'text')
  const columns = kinds.map((_, at) => `c${at}`)
  await client.query('BEGIN')
  try {
    await client.query(
      `CREATE TABLE public.oort_move_probe (${kinds.map((kind, at) => `c${at} ${types[kind]}`).join()});
       CREATE INDEX ON public.oort_move_probe (${columns.join()})`,
    )
    const values = index.map((at, place) => (kinds[place] === 'text' ? (row[at]?.toString() ?? null) : row[at]))
    await client.query(
      `INSERT INTO public.oort_move_probe VALUES (${columns.map((_, at) => `$${at + 1}`).join()})`,
      values,
    )
    return true
  } catch (error) {
    if (hasCode(error, tooLarge)) return false
    throw error
  } finally {
    await client.query('ROLLBACK')
  }
}
