import type { OwnedTable } from '../../../core/scope/owned-table.ts'
import type { ScopedReads } from '../../../core/scope/user-scope.ts'
import type { Page } from './in-pages.ts'

/** What an export counts as the present: events that come after it, its own among them, are not in the archive. */
export interface Moment {
  readonly madeAt: number
  /** The audit chain then: its length and its last hash. */
  readonly audit: { readonly entries: number; readonly head: string }
}

/** One file of an export. */
export interface Section {
  readonly file: `${string}.ndjson`
  /** One line for the archive's README. */
  readonly holds: string
  /** The table whose rows it holds, where it holds those of one. */
  readonly table?: OwnedTable
  count(scope: ScopedReads): Promise<number>
  /** The rows as NDJSON, read as they are taken. */
  pages(scope: ScopedReads, moment: Moment): AsyncIterable<Page>
}
