import type { BaseSQLiteDatabase, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Clock } from '../clock.ts'
import type { CallCounter } from '../http/call-counter.ts'
import type { Dialect } from './dialect.ts'

/** What a statement that changes rows answers. */
export interface Outcome {
  readonly changes: number
}

/**
 * What statements are built and run on. Whatever it answers has to be awaited: one engine has it at once, the other does
 * not. `$client` stands for the connection: what is prepared on one is of no use to another.
 */
export type Db = BaseSQLiteDatabase<'async', Outcome> & {
  readonly $client: object
  readonly $dialect: Dialect
}

/** How much a unit of work has to do. */
export type Pace = 'brief' | 'long'

/** The system of record, whichever engine keeps it. */
export interface Store {
  /** Where the witnesses of the database lie that are kept outside it: the checkpoints, the ledger of deletions. */
  readonly folder: string
  /** Sees what is committed, and can write nothing. */
  readonly read: Db
  /**
   * One unit of work, durable when answered, that sees no other at work. The unit does database work and nothing else,
   * and may be run again where it met another: what it leaves behind is what its last run answers. Throws what the unit
   * threw, STORE_UNAVAILABLE when the transaction cannot begin or commit, INTERNAL for a unit that does not come to an
   * end, SHUTTING_DOWN after `close`. Units `about` the same thing, such as one user's rows, would meet where several are
   * at work at once: naming it spares them that. One that is not known to be `brief` has minutes.
   */
  write<T>(unit: (db: Db) => Promise<T>, about?: string, pace?: Pace): Promise<T>
  /**
   * As `write`, and no other process on this database, or on this folder, is in such a unit meanwhile, nor does anybody
   * write to `tables`: for a unit that reads so much that it would meet whoever writes.
   */
  alone<T>(unit: (db: Db) => Promise<T>, tables?: readonly SQLiteTable[]): Promise<T>
  /**
   * Removes what is left of rows that were deleted before the call, so that their bytes are in none of the database's
   * files. `of` names the tables they were in; without it all count. Answers whether that is done: it is not where a
   * reader holds old pages for too long, where a table is too large to be rewritten at once, or where the engine keeps
   * old rows until it cleans up by itself.
   */
  eraseTraces(of?: readonly SQLiteTable[]): Promise<boolean>
  /** Keeps count together with all that use the database; absent where they are on one host, and know each other. */
  callCounter?(clock: Clock): CallCounter
  /** How the database itself is doing. */
  measure(): Promise<StoreMeasures>
  /** How many units of work wait for their turn in this process. */
  readonly waiting: number
  /** Finishes the units that wait and lets go of the database. */
  close(): Promise<void>
}

export interface StoreMeasures {
  readonly engine: 'sqlite' | 'postgres'
  readonly bytes: number
  /** The write-ahead log; null where it is the server's own affair. */
  readonly walBytes: number | null
  /** Free on the disk of the database; null where it is on another host. */
  readonly diskFreeBytes: number | null
  /** The settings of the writing side that safety rests on; null when it does not come to answer. */
  readonly settings: Readonly<Record<string, string | number>> | null
}
