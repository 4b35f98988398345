import { isUtf8 } from 'node:buffer'
import type { Cell, Row } from './row.ts'
import type { Kind, TableShape } from './table-shape.ts'

/** SQLite keeps any value in any column, and text that is none. What PostgreSQL can hold has these marks. */
const faults: Readonly<Record<Kind, (value: unknown) => string | undefined>> = {
  integer: (value) => (typeof value === 'bigint' ? undefined : 'is no integer'),
  blob: (value) => (Buffer.isBuffer(value) ? undefined : 'is not in bytes'),
  text: (value) => {
    if (!Buffer.isBuffer(value)) return 'is no text'
    if (value.includes(0)) return 'holds U+0000'
    return isUtf8(value) ? undefined : 'is no UTF-8'
  },
}

/** What of a row PostgreSQL cannot hold, by column and reason. Nothing of a row that can be copied as it is. */
export function findFaults({ columns }: TableShape, row: readonly unknown[]): readonly string[] {
  return columns.flatMap(({ name, kind }, at) => {
    const value = row[at]
    const fault = value === null ? undefined : faults[kind](value)
    return fault === undefined ? [] : [`${name} ${fault}`]
  })
}

/** A row in which no fault was found. */
export function asSound(row: readonly unknown[]): Row {
  return row as readonly Cell[]
}
