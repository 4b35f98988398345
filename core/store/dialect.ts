import type { SQL, SQLWrapper } from 'drizzle-orm'

/** What the engines write differently. All else is written once. */
export interface Dialect {
  readonly engine: 'sqlite' | 'postgres'
  /** Bytes as lower-case hex; null where there is something else. */
  hex(bytes: SQLWrapper): SQL<string | null>
  /** A column that the planner chooses no index by. */
  unindexed(column: SQLWrapper): SQL
  /** A query of one column, `bytes`, out of a JSON array of hex strings. */
  bytesIn(json: SQLWrapper): SQL
  /** The percentile `p` (0 to 100) of values of a group, between two of them where it has to be; null where there are none. */
  percentile(of: SQLWrapper, p: number): SQL<number | null>
  /**
   * The end of a query whose rows nobody else may change, nor refer to, until the unit of work is over. Undefined where
   * one writer is at work at a time.
   */
  readonly held: SQL | undefined
  /**
   * A query of the `id` of each transaction that may add entries to the log whose numbers are lower than those already
   * there. Undefined where one writer numbers and commits in the same order.
   */
  readonly addingEntries: SQL | undefined
  /** A table of the last entry of each chain (subject_id, seq, hash), where looking among all entries has a price. */
  readonly chainHeads: SQL | undefined
  /**
   * Whether an entry of the log was refused for where it would stand (it does not follow the last, or its place is taken)
   * and can be written anew in the same unit of work.
   */
  isLinkRefused(error: unknown): boolean
  /** Whether a unit of work can go on after a statement of it was refused. */
  readonly goesOnAfterRefusal: boolean
  /** The same prepared statement, made ready to be run often. */
  quicken<S extends object>(statement: S): S
}
