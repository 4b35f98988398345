import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'
import { MoveError } from './move-error.ts'
import { compareKeys, encodeRow, nameRow, type Row } from './row.ts'
import { asSound } from './sound-row.ts'
import type { Source } from './source.ts'
import type { TableShape } from './table-shape.ts'
import { targetRows } from './target-rows.ts'

/** A table that is the same in both places. */
export interface Compared {
  readonly table: string
  readonly rows: number
  /** SHA-256 of all its rows in their order, in hex. */
  readonly digest: string
}

const tellEvery = 1_000

const isMissing = 'is missing in the copy'

/**
 * Goes through both tables side by side, every row and column. Throws MoveError with the first row that differs. Call it
 * within a transaction on the target.
 */
export async function compareTable(
  source: Source,
  client: ClientBase,
  table: TableShape,
  onRows: (count: number) => void,
): Promise<Compared> {
  const digest = createHash('sha256')
  let rows = 0
  const originals = source.rows(table)
  try {
    for await (const copy of targetRows(client, table)) {
      const { value: given, done } = originals.next()
      const original = done === true ? undefined : asSound(given as readonly unknown[])
      digest.update(demandSame(table, original, copy))
      rows += 1
      if (rows % tellEvery === 0) onRows(tellEvery)
    }
    const { value: left, done } = originals.next()
    if (done !== true) throw differs(table, asSound(left as readonly unknown[]), isMissing)
  } finally {
    originals.return?.()
  }
  onRows(rows % tellEvery)
  return { table: table.name, rows, digest: digest.digest('hex') }
}

function demandSame(table: TableShape, original: Row | undefined, copy: Row): Buffer {
  const order = original === undefined ? 1 : compareKeys(table, original, copy)
  if (original === undefined || order > 0) {
    throw differs(table, copy, 'is in the copy and not in the database that was copied')
  }
  if (order < 0) throw differs(table, original, isMissing)
  const bytes = encodeRow(original)
  if (bytes.equals(encodeRow(copy))) return bytes
  const differing = table.columns.find(
    (_, at) => !encodeRow([original[at] ?? null]).equals(encodeRow([copy[at] ?? null])),
  )
  throw differs(table, copy, `differs in the copy, in ${differing?.name}`)
}

function differs(table: TableShape, row: Row, how: string): MoveError {
  return new MoveError(
    `${table.name}: ${nameRow(table, row)} ${how}. The old database serves as before. Take an empty one, and begin anew.`,
  )
}
