import { existsSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { countMissing } from './migrate.ts'
import { applyReaderPragmas, applyWriterPragmas, busyTimeoutMs } from './pragmas.ts'
import { type Db, databaseName, migrationsFolder } from './store.ts'

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
    read: drizzle(connection, { casing: 'snake_case' }),
    checkPragmas() {
      applyWriterPragmas(connection)
      applyReaderPragmas(connection)
    },
    countMissingMigrations: () => countMissing(connection, migrationsFolder),
    findDamage() {
      const lines = connection.pragma('integrity_check(20)') as readonly { readonly integrity_check: string }[]
      return lines.map((line) => line.integrity_check).filter((line) => line !== 'ok')
    },
    countBrokenReferences: () => (connection.pragma('foreign_key_check') as readonly unknown[]).length,
    close: () => connection.close(),
  }
}
