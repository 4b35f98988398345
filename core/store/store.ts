import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SqliteDatabase from 'better-sqlite3'
import { getTableName } from 'drizzle-orm'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { hasDeleted, keepLedger, type Ledger } from '../deletions/keep-ledger.ts'
import { OortError } from '../errors.ts'
import { createEraser } from './eraser.ts'
import { migrate } from './migrate.ts'
import { applyReaderPragmas, applyWriterPragmas, busyTimeoutMs } from './pragmas.ts'
import { createWriter } from './writer.ts'

export type Db = BetterSQLite3Database & { readonly $client: SqliteDatabase.Database }

/** The system of record: one SQLite file, one writing connection, one that can only read. */
export interface Store {
  /** The path of the database file. */
  readonly file: string
  /** Sees what is committed, and can write nothing. */
  readonly read: Db
  /**
   * One unit of work, durable when answered: see `Writer.write`. One that deletes stands in the ledger of deletions as
   * well by then; STORE_UNAVAILABLE when that cannot be written: the deletion is then made, and told of later.
   */
  write<T>(unit: (db: Db) => Promise<T>): Promise<T>
  /**
   * Removes what is left of rows that were deleted before the call, so that their bytes are in none of the database's
   * files. `of` names the tables they were in; without it all count. Answers true when that is done; false when a
   * reader held the write-ahead log for the whole time allowed (3 seconds), and it is then tried again every second
   * until it succeeds or the store is closed; false too when one of the tables is too large to be rewritten at once:
   * a copy of a sealed value may then remain in it until the database is compacted (VACUUM).
   */
  eraseTraces(of?: readonly SQLiteTable[]): Promise<boolean>
  /** How many units of work wait for their turn in this process. */
  readonly waiting: number
  /** Finishes the units that wait and closes both connections. */
  close(): Promise<void>
}

/** The name of the database file in its folder. */
export const databaseName = 'oort.db'

/** The folder lies beside this file, and the build copies it beside each bundle. */
export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))

/**
 * Opens (or creates) the database in `dataDir`, checks its pragmas and brings its schema up to date.
 * Files are readable by their owner alone. Throws PragmaError or MigrationError for a database that must not be used,
 * or SQLite's error when the file cannot be.
 */
export function openStore(dataDir: string): Store {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, databaseName)
  keepPrivate(file)
  const writing = new SqliteDatabase(file, { timeout: busyTimeoutMs.starting })
  let reading: SqliteDatabase.Database | undefined
  try {
    applyWriterPragmas(writing)
    migrate(writing, migrationsFolder)
    // Once more, since migrating turns foreign keys off and on again.
    applyWriterPragmas(writing)
    reading = new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs.reading })
    applyReaderPragmas(reading)
    return createStore(file, writing, reading)
  } catch (error) {
    reading?.close()
    writing.close()
    throw error
  }
}

function createStore(file: string, writing: SqliteDatabase.Database, reading: SqliteDatabase.Database): Store {
  const writer = createWriter<Db>(writing, drizzle(writing, { casing: 'snake_case' }))
  const traces = createEraser(writing)
  const ledger = keepLedger(file, reading)
  // What a crash kept from it. At rest, when no other unit is under way, the lock is a transaction's alone.
  const catchUp = writing.transaction(() => ledger.append()).immediate
  catchUp()
  writing.pragma(`busy_timeout = ${busyTimeoutMs.writing}`)
  return {
    file,
    read: drizzle(reading, { casing: 'snake_case' }),
    async write(unit) {
      const lent: object[] = []
      const value = await writer.write((db) => {
        lent.push(db)
        return unit(db)
      })
      if (lent.some(hasDeleted)) await writer.write(async () => tell(ledger))
      return value
    },
    get waiting() {
      return writer.waiting
    },
    eraseTraces: (of) => traces.erase(of?.map((table) => getTableName(table))),
    async close() {
      await writer.drain()
      traces.stop()
      try {
        catchUp()
      } catch {
        // The next start does it.
      }
      reading.close()
      writing.close()
    },
  }
}

function tell(ledger: Ledger): void {
  try {
    ledger.append()
  } catch (error) {
    throw new OortError('STORE_UNAVAILABLE', { retryAfter: 5 }, error)
  }
}

/** Creates the file before SQLite would, with a mode that SQLite then gives to -wal and -shm too. */
function keepPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
  for (const each of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(each)) chmodSync(each, 0o600)
}
