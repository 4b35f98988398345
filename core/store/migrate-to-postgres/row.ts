import type { TableShape } from './table-shape.ts'

/** A value as both engines hold it: text is its UTF-8. */
export type Cell = bigint | Buffer | null

/** The cells of a row, in the order of the columns. */
export type Row = readonly Cell[]

/** The same bytes for the same row, and for no other of its table. */
export function encodeRow(row: Row): Buffer {
  return Buffer.concat(row.flatMap(encodeCell))
}

function encodeCell(cell: Cell): readonly Buffer[] {
  if (cell === null) return [absent]
  const head = Buffer.alloc(9)
  if (typeof cell === 'bigint') {
    head.writeUInt8(1)
    head.writeBigInt64BE(cell, 1)
    return [head]
  }
  head.writeUInt8(2)
  head.writeBigInt64BE(BigInt(cell.length), 1)
  return [head, cell]
}

const absent = Buffer.from([0])

/** How rows of a table stand to each other, by their keys: negative where `a` comes first. */
export function compareKeys({ key }: TableShape, a: Row, b: Row): number {
  for (const at of key) {
    const [one, other] = [a[at], b[at]]
    if (Buffer.isBuffer(one) && Buffer.isBuffer(other)) {
      const order = Buffer.compare(one, other)
      if (order !== 0) return order
    } else if (one !== other) {
      return (one ?? 0) < (other ?? 0) ? -1 : 1
    }
  }
  return 0
}

/** The key of a row for people: ids as they are, bytes in hex. */
export function nameRow({ columns, key }: TableShape, row: Row): string {
  return key
    .map((at) => {
      const cell = row[at]
      if (!Buffer.isBuffer(cell)) return String(cell)
      return columns[at]?.kind === 'text' ? cell.toString('utf8') : cell.toString('hex')
    })
    .join(' ')
}
