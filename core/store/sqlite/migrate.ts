import type { Database } from 'better-sqlite3'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { MigrationError, missingMigrations } from '../missing-migrations.ts'

/**
 * Brings the schema up to date, all or nothing. Holds the write lock from the look at what was applied to the commit,
 * so that of two processes that start at once one applies and the other finds it done (drizzle's own migrator looks
 * first and locks later). Foreign keys are off meanwhile, or a table that is made anew would take the rows that refer
 * to it along; they are checked before the commit.
 * Throws MigrationError for a database of a newer Oort, a migration that was changed after it was applied, and broken
 * references. Source: https://www.sqlite.org/lang_altertable.html#otheralter
 */
export function migrate(connection: Database, migrationsFolder: string): void {
  const known = readMigrationFiles({ migrationsFolder })
  connection.pragma('foreign_keys = OFF')
  try {
    connection.transaction(() => applyMissing(connection, known)).immediate()
  } finally {
    connection.pragma('foreign_keys = ON')
  }
}

/**
 * How many migrations of this version the schema lacks. Changes nothing; throws MigrationError as `migrate` does for a
 * database of a newer Oort and a migration that was changed.
 */
export function countMissing(connection: Database, migrationsFolder: string): number {
  return missing(connection, readMigrationFiles({ migrationsFolder })).length
}

type Migrations = ReturnType<typeof readMigrationFiles>

function missing(connection: Database, known: Migrations): Migrations {
  const applied = connection
    .prepare<[], string>('SELECT hash FROM __drizzle_migrations ORDER BY created_at')
    .pluck()
    .all()
  return missingMigrations(applied, known)
}

function applyMissing(connection: Database, known: Migrations): void {
  connection.exec(
    'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id INTEGER PRIMARY KEY, hash TEXT, created_at INTEGER)',
  )
  const note = connection.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)')
  for (const { hash, sql, folderMillis } of missing(connection, known)) {
    for (const statement of sql) connection.exec(statement)
    note.run(hash, folderMillis)
  }
  const broken = connection.pragma('foreign_key_check') as readonly unknown[]
  if (broken.length > 0) throw new MigrationError('a migration left references to rows that do not exist')
}
