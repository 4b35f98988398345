import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import SqliteDatabase from 'better-sqlite3'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { OortError } from '../errors.ts'
import { applyReaderPragmas, applyWriterPragmas, busyTimeoutMs } from './pragmas.ts'
import { createWriter } from './writer.ts'

export type Db = BetterSQLite3Database

/** The system of record: one SQLite file, one writing connection, one that can only read. */
export interface Store {
  /** The path of the database file. */
  readonly file: string
  /** Sees what is committed, and can write nothing. */
  readonly read: Db
  /** One unit of work, durable when answered: see `Writer.write`. */
  write<T>(unit: (db: Db) => Promise<T>): Promise<T>
  /**
   * Empties the write-ahead log, so that the bytes of deleted rows are in none of the database's files.
   * Answers true when that is done and false when a reader held the log for the whole time allowed.
   */
  eraseTraces(): Promise<boolean>
  /** Finishes the units that wait and closes both connections. */
  close(): Promise<void>
}

const eraseRetryMs = 10
const eraseTries = 300

/** The folder lies beside this file, and the build copies it beside each bundle. */
const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))

/**
 * Opens (or creates) the database in `dataDir`, checks its pragmas and brings its schema up to date.
 * Files are readable by their owner alone. Throws PragmaError, or SQLite's error when the file cannot be used.
 */
export function openStore(dataDir: string): Store {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'oort.db')
  const writing = new SqliteDatabase(file, { timeout: busyTimeoutMs.starting })
  chmodSync(file, 0o600)
  applyWriterPragmas(writing)
  const writeDb = drizzle(writing, { casing: 'snake_case' })
  migrate(writeDb, { migrationsFolder })
  writing.pragma(`busy_timeout = ${busyTimeoutMs.serving}`)

  const reading = new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs.serving })
  applyReaderPragmas(reading)
  const writer = createWriter<Db>(writing, writeDb)

  return {
    file,
    read: drizzle(reading, { casing: 'snake_case' }),
    write: (unit) => writer.write(unit),
    async eraseTraces() {
      for (let tries = 0; tries < eraseTries; tries += 1) {
        if (!writing.inTransaction && truncateLog(writing)) return true
        await sleep(eraseRetryMs)
      }
      return false
    },
    async close() {
      await writer.drain()
      reading.close()
      writing.close()
    },
  }
}

function truncateLog(connection: SqliteDatabase.Database): boolean {
  const [result] = connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
  if (result === undefined) throw new OortError('STORE_UNAVAILABLE')
  return result.busy === 0
}
