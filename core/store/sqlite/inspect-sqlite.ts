import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Inspection } from '../inspection.ts'
import { migrationsOf } from '../migrations-folder.ts'
import { countMissing } from './migrate.ts'
import { databaseName, sqliteDb } from './open-sqlite.ts'
import { applyReaderPragmas, applyWriterPragmas, busyTimeoutMs } from './pragmas.ts'

/** Opens the database in `dataDir` for reading alone; undefined where there is none. Throws SQLite's error. */
export function inspectSqlite(dataDir: string): Inspection | undefined {
  const file = join(dataDir, databaseName)
  if (!existsSync(file)) return undefined
  const connection = new SqliteDatabase(file, { readonly: true, timeout: busyTimeoutMs.starting })
  return {
    read: sqliteDb(connection),
    describe: async () => `${(statSync(file).size / 1e6).toFixed(1)} MB in ${dataDir}`,
    async checkSettings() {
      applyWriterPragmas(connection)
      applyReaderPragmas(connection)
      return 'WAL, synchronous FULL, secure_delete'
    },
    countMissingMigrations: async () => countMissing(connection, migrationsOf('sqlite')),
    async findDamage() {
      const lines = connection.pragma('integrity_check(20)') as readonly { readonly integrity_check: string }[]
      return lines.map((line) => line.integrity_check).filter((line) => line !== 'ok')
    },
    countBrokenReferences: async () => (connection.pragma('foreign_key_check') as readonly unknown[]).length,
    close: async () => void connection.close(),
  }
}
