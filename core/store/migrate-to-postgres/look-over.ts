import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { mayNotFit } from './fits-index.ts'
import { MoveError } from './move-error.ts'
import { encodeRow, nameRow, type Row } from './row.ts'
import { asSound, findFaults } from './sound-row.ts'
import type { Source } from './source.ts'
import { isAppendOnly, movedTables, type TableShape } from './table-shape.ts'

/** So many are told of; whoever has more has one cause for them. */
const mostTold = 20
const turnEvery = 1_000

/**
 * Reads the whole database once and answers with a fingerprint of all but the log, which can only grow. `fits` says
 * whether the server takes a row into an index, and is asked where that is not certain.
 * Throws MoveError with the row and column of values that PostgreSQL cannot hold.
 */
export async function lookOver(
  source: Source,
  fits: (table: TableShape, row: Row, index: readonly number[]) => Promise<boolean>,
  onRows: (count: number) => void,
): Promise<string> {
  const fingerprint = createHash('sha256')
  const told: string[] = []
  let found = 0
  for (const table of movedTables) {
    fingerprint.update(`${table.name}\n`)
    let rows = 0
    for (const given of source.rows(table)) {
      const row = asSound(given)
      const faults = [...findFaults(table, given)]
      for (const index of faults.length > 0 ? [] : table.indexes) {
        if (!mayNotFit(row, index) || (await fits(table, row, index))) continue
        faults.push(`${longest(table, row, index)} is too long for an index`)
      }
      found += faults.length
      if (told.length < mostTold) told.push(...faults.map((fault) => `${table.name} ${nameRow(table, row)}: ${fault}`))
      if (faults.length === 0 && !isAppendOnly(table)) fingerprint.update(encodeRow(row))
      rows += 1
      if (rows % turnEvery > 0) continue
      onRows(turnEvery)
      await nextTurn()
    }
    onRows(rows % turnEvery)
  }
  if (found === 0) return fingerprint.digest('hex')
  throw new MoveError(
    `PostgreSQL cannot hold ${found} values of this database, and nothing was copied:
${told.map((each) => `  ${each}\n`).join('')}Let their owners delete these, or mend them.`,
  )
}

function longest({ columns }: TableShape, row: Row, index: readonly number[]): string {
  const length = (at: number) => (Buffer.isBuffer(row[at]) ? row[at].length : 0)
  const [widest = 0] = index.toSorted((a, b) => length(b) - length(a))
  return columns[widest]?.name ?? ''
}
