import { existsSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { migrationsOf } from '../migrations-folder.ts'
import type { Db } from '../store.ts'
import { countMissing } from './migrate.ts'
import { databaseName, sqliteDb } from './open-sqlite.ts'
import { applyReaderPragmas, applyWriterPragmas, busyTimeoutMs } from './pragmas.ts'

/** A look at a database that changes nothing of it, not even its schema. */
export interface Inspection {
  readonly read: Db
  /** Sets every pragma that the promises rest on. Throws PragmaError for one that this SQLite or this file refuses. */
  checkPragmas(): void
  /** How many migrations the next start has to apply. Throws MigrationError for a database that it would refuse. */
  countMissingMigrations(): number
  /** What SQLite finds wrong with its own structures: nothing in a sound database. Takes a pass over the whole file. */
  findDamage(): readonly string[]
  /** References to rows that do not exist. */
  countBrokenReferences(): number
  close(): void
}

/** Opens the database in `dataDir` for reading alone; undefined where there is none. Throws SQLite's error. */
export function inspectStore(dataDir: string): Inspection | undefined {
  const file = join(dataDir, databaseName)
  if (!existsSync(file)) return undefined
  const connection = new SqliteDatabase(file, { readonly: true, timeout: busyTimeoutMs.starting })
  return {
    read: sqliteDb(connection),
    checkPragmas() {
      applyWriterPragmas(connection)
      applyReaderPragmas(connection)
    },
    countMissingMigrations: () => countMissing(connection, migrationsOf('sqlite')),
    findDamage() {
      const lines = connection.pragma('integrity_check(20)') as readonly { readonly integrity_check: string }[]
      return lines.map((line) => line.integrity_check).filter((line) => line !== 'ok')
    },
    countBrokenReferences: () => (connection.pragma('foreign_key_check') as readonly unknown[]).length,
    close: () => connection.close(),
  }
}
