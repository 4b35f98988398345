import type { OwnedTable, ReadableName, Row, RowId, SealedName } from '../../../core/scope/owned-table.ts'
import type { OpenedRow } from '../../../core/scope/read-rows.ts'
import { inPages } from './in-pages.ts'
import type { Section } from './section.ts'

/** How the rows of a table appear in an export. Every column is either in it or left out for a reason. */
interface TableSection<T extends OwnedTable, C extends keyof Row<T>, N extends ReadableName<T>> {
  readonly file: Section['file']
  readonly holds: string
  readonly columns: readonly C[]
  /** Sealed values that are opened. */
  readonly open?: readonly N[]
  /** The reason, by column or sealed value. A new column that is in neither list does not compile. */
  readonly leftOut: Readonly<Record<Exclude<keyof Row<T> | SealedName<T>, C | N>, string>>
}

/** The section of one table: its rows, newest first. */
export function tableSection<
  T extends OwnedTable,
  const C extends keyof Row<T>,
  const N extends ReadableName<T> = never,
>(table: T, { file, holds, columns, open = [] }: TableSection<T, C, N>): Section {
  const names = [...columns, ...open]
  return {
    file,
    holds,
    table,
    count: (scope) => scope.count(table),
    pages: (scope) =>
      inPages(
        (limit, last: { readonly id?: RowId<T> } | undefined) =>
          scope.list(table, { limit, open, ...(last?.id === undefined ? {} : { before: last.id }) }),
        (row: OpenedRow<T, N>) => {
          const picked: { [K in C | N]?: OpenedRow<T, N>[K] } = {}
          for (const name of names) picked[name] = row[name]
          return picked
        },
      ),
  }
}

/** Why no row repeats whose it is. */
export const ofAccount = 'the manifest names the account'
