import type { SealContext } from './sealed.ts'

/** What a row says of the place of its sealed values: its id, and of owner and provider what its table has. */
export interface SealedPlace {
  readonly id: string
  readonly userId?: string
  readonly provider?: unknown
}

/** Who stands where the owner does, in tables whose rows name none. */
const holders: Readonly<Record<string, (rowId: string) => string>> = {
  users: (rowId) => rowId,
  parked_events: () => 'nobody',
  key_versions: () => 'system',
}

/**
 * What a sealed value is bound to: the one place that knows it of every table, for those who seal and open as for the
 * rekey that does both. `table` is the table's name in SQL, `column` the value's own, such as `secret`. A row that has a
 * provider is bound to it. TypeError for a table that names neither owner nor holder.
 */
export function contextOf(table: string, column: string, { id, userId, provider }: SealedPlace): SealContext {
  const holder = userId ?? holders[table]?.(id)
  if (holder === undefined) throw new TypeError(`${table} has nobody to bind ${column} to`)
  const place = { table, column, rowId: id, userId: holder }
  return typeof provider === 'string' ? { ...place, provider } : place
}
