import { existsSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { migrationsOf } from '../migrations-folder.ts'
import { raiseFence } from '../sqlite/fence.ts'
import { countMissing } from '../sqlite/migrate.ts'
import { databaseName, type SqliteDb, sqliteDb } from '../sqlite/open-sqlite.ts'
import { applyReaderPragmas, applyWriterPragmas, busyTimeoutMs } from '../sqlite/pragmas.ts'
import { isBusy } from '../store-failure.ts'
import { MoveError } from './move-error.ts'
import type { Row } from './row.ts'
import { movedTables, stayingTables, type TableShape } from './table-shape.ts'

/** The SQLite database that is moved. */
export interface Source {
  readonly read: SqliteDb
  /** The rows that come after one, or all, in the order of their keys. */
  rows(table: TableShape, after?: Row): IterableIterator<readonly unknown[]>
  count(table: TableShape): number
  /** The same for each look at this database, and for no other database. */
  readonly identity: string
  /** Lets nobody write any more, not even who had it open before, and lets go of the lock. */
  fence(): void
  close(): void
}

/**
 * Opens the database in `dataDir`. With `alone` nobody else can write for as long as it is open: a router that runs
 * nevertheless waits for the lock, and answers 503 after ten seconds.
 * Throws MoveError where there is none, one that is busy or not up to date, and tables that this version does not know.
 */
export function openSource(dataDir: string, alone: boolean): Source {
  const file = join(dataDir, databaseName)
  if (!existsSync(file)) throw new MoveError(`There is no database in ${dataDir}.`)
  const reading = new SqliteDatabase(file, { readonly: true, timeout: busyTimeoutMs.starting })
  let lock: SqliteDatabase.Database | undefined
  const close = () => {
    reading.close()
    lock?.close()
  }
  try {
    applyReaderPragmas(reading)
    if (alone) lock = lockAt(file)
    demandKnown(reading)
    const identity = reading
      .prepare<[], string>('SELECT lower(hex(canary_iv)) FROM key_versions ORDER BY version LIMIT 1')
      .pluck()
    return {
      read: sqliteDb(reading),
      rows: (table, after) => rowsOf(reading, table, after),
      count: ({ name }) => reading.prepare<[], number>(`SELECT count(*) FROM ${name}`).pluck().get() ?? 0,
      identity: identity.get() ?? '',
      fence() {
        if (lock === undefined) return
        raiseFence(lock)
        lock.exec('COMMIT')
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

function lockAt(file: string): SqliteDatabase.Database {
  const lock = new SqliteDatabase(file, { fileMustExist: true, timeout: busyTimeoutMs.starting })
  try {
    applyWriterPragmas(lock)
    lock.exec('BEGIN IMMEDIATE')
    return lock
  } catch (error) {
    lock.close()
    throw isBusy(error) ? new MoveError('Another process writes to the database: stop every Oort on it first.') : error
  }
}

function demandKnown(connection: SqliteDatabase.Database): void {
  const missing = countMissing(connection, migrationsOf('sqlite'))
  if (missing > 0) {
    throw new MoveError(
      `The database lacks ${missing} migrations: run \`oort keys status\`, which brings it up to date.`,
    )
  }
  const known = new Set([...stayingTables, ...movedTables.map(({ name }) => name)])
  const found = connection.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  const unknown = found.filter((name) => !known.has(name) && !name.startsWith('sqlite_'))
  if (unknown.length > 0) throw new MoveError(`The database has tables that Oort does not know: ${unknown.join(', ')}`)
  const broken = connection.pragma('foreign_key_check') as readonly { readonly table: string; readonly rowid: number }[]
  const [first] = broken
  if (first !== undefined) {
    throw new MoveError(
      `${broken.length} rows refer to others that do not exist, the first in ${first.table} (rowid ${first.rowid}).`,
    )
  }
}

/** Text comes as its bytes, which show what a string hides; what is no text at all comes as 0. */
function rowsOf(connection: SqliteDatabase.Database, { name, columns, key }: TableShape, after: Row | undefined) {
  const selected = columns.map((column) =>
    column.kind === 'text' ? `iif(typeof(${column.name}) = 'blob', 0, CAST(${column.name} AS BLOB))` : column.name,
  )
  const keys = key.map((at) => columns[at]?.name).join()
  const where = after === undefined ? '' : `WHERE (${keys}) > (${key.map(() => '?').join()})`
  const values = after === undefined ? [] : key.map((at) => bound(columns[at]?.kind, after[at]))
  return connection
    .prepare<unknown[], readonly unknown[]>(`SELECT ${selected.join()} FROM ${name} ${where} ORDER BY ${keys}`)
    .raw()
    .safeIntegers()
    .iterate(...values)
}

function bound(kind: string | undefined, cell: Row[number] | undefined): unknown {
  return kind === 'text' && Buffer.isBuffer(cell) ? cell.toString('utf8') : cell
}
