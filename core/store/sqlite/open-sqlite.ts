import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { getTableName } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { hasDeleted } from '../../deletions/note-deletion.ts'
import { OortError } from '../../errors.ts'
import { migrationsOf } from '../migrations-folder.ts'
import type { Db, Store } from '../store.ts'
import { sqliteDialect } from './dialect.ts'
import { createEraser } from './eraser.ts'
import { dropFence } from './fence.ts'
import { keepLedger, type Ledger } from './keep-ledger.ts'
import { migrate } from './migrate.ts'
import { refuseMoved } from './moved-mark.ts'
import { applyReaderPragmas, applyWriterPragmas, busyTimeoutMs, readPragmas } from './pragmas.ts'
import { createWriter } from './writer.ts'

/** The name of the database file in its folder. */
export const databaseName = 'oort.db'

/** SQLite answers at once what another engine answers later: whoever waits for it waits for no time. */
export type SqliteDb = Db & { readonly $client: SqliteDatabase.Database }

/** A store in one file, with one writing connection and one that can only read. */
export interface SqliteStore extends Store {
  /** The path of the database file. */
  readonly file: string
  readonly read: SqliteDb
  write<T>(unit: (db: SqliteDb) => Promise<T>): Promise<T>
}

/**
 * Opens (or creates) the database in `dataDir`, checks its pragmas and brings its schema up to date.
 * Files are readable by their owner alone. Throws PragmaError, MigrationError or StoreMovedError for a database that must
 * not be used, or SQLite's error when the file cannot be.
 */
export function openSqlite(dataDir: string): SqliteStore {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  refuseMoved(dataDir)
  const file = join(dataDir, databaseName)
  keepPrivate(file)
  const writing = new SqliteDatabase(file, { timeout: busyTimeoutMs.starting })
  let reading: SqliteDatabase.Database | undefined
  try {
    applyWriterPragmas(writing)
    dropFence(writing)
    migrate(writing, migrationsOf('sqlite'))
    // Once more, since migrating turns foreign keys off and on again.
    applyWriterPragmas(writing)
    reading = new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs.reading })
    applyReaderPragmas(reading)
    return createStore(dataDir, file, writing, reading)
  } catch (error) {
    reading?.close()
    writing.close()
    throw error
  }
}

function createStore(
  folder: string,
  file: string,
  writing: SqliteDatabase.Database,
  reading: SqliteDatabase.Database,
): SqliteStore {
  const writer = createWriter(writing, sqliteDb(writing))
  const traces = createEraser(writing)
  const ledger = keepLedger(file, reading)
  // What a crash kept from it. At rest, when no other unit is under way, the lock is a transaction's alone.
  const catchUp = writing.transaction(() => ledger.append()).immediate
  catchUp()
  writing.pragma(`busy_timeout = ${busyTimeoutMs.writing}`)
  /** One that deletes stands in the ledger of deletions as well when it is answered, or STORE_UNAVAILABLE is. */
  async function write<T>(unit: (db: SqliteDb) => Promise<T>): Promise<T> {
    const lent: object[] = []
    const value = await writer.write((db) => {
      lent.push(db)
      return unit(db)
    })
    if (lent.some(hasDeleted)) await writer.write(async () => tell(ledger))
    return value
  }
  return {
    folder,
    file,
    read: sqliteDb(reading),
    write,
    // The lock of a transaction keeps other processes out, and they stand in one file and one folder.
    alone: write,
    get waiting() {
      return writer.waiting
    },
    eraseTraces: (of) => traces.erase(of?.map((table) => getTableName(table))),
    async measure() {
      const [bytes, walBytes, disk] = await Promise.all([sizeOf(file), sizeOf(`${file}-wal`), statfs(folder)])
      const settings = await write(async (db) => readPragmas(db.$client)).catch(() => null)
      return { engine: 'sqlite', bytes, walBytes, diskFreeBytes: disk.bavail * disk.bsize, settings }
    },
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

/** The store as what it is. Throws TypeError for one of another engine. */
export function asSqlite(store: Store): SqliteStore {
  if (!('file' in store)) throw new TypeError('the store is no SQLite file')
  return store as SqliteStore
}

/** Statements on a connection. */
export function sqliteDb(connection: SqliteDatabase.Database): SqliteDb {
  const db = drizzle(connection, { casing: 'snake_case' })
  return Object.assign(db, { $dialect: sqliteDialect }) as unknown as SqliteDb
}

function tell(ledger: Ledger): void {
  try {
    ledger.append()
  } catch (error) {
    throw new OortError('STORE_UNAVAILABLE', { retryAfter: 5 }, error)
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

/** Creates the file before SQLite would, with a mode that SQLite then gives to -wal and -shm too. */
function keepPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
  for (const each of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(each)) chmodSync(each, 0o600)
}
