import SqliteDatabase, { type Database } from 'better-sqlite3'
import type { Manifest } from '../../core/backup/manifest.ts'
import { BackupError } from './backup-error.ts'

/** Looks through every page and reference of a database as it came back. Throws BackupError that names the fault. */
export function examineRestored(file: string, manifest: Manifest): void {
  const database = new SqliteDatabase(file, { readonly: true, fileMustExist: true })
  try {
    const [first] = database.pragma('integrity_check') as readonly { readonly integrity_check: string }[]
    if (first?.integrity_check !== 'ok') throw new BackupError('the database of the backup is damaged')
    if ((database.pragma('foreign_key_check') as readonly unknown[]).length > 0) {
      throw new BackupError('the database of the backup refers to rows that do not exist')
    }
    const found = {
      pages: database.pragma('page_count', { simple: true }),
      schemaVersion: schemaVersionOf(database),
      auditRows: countOf(database, 'audit_events'),
    }
    for (const [name, value] of Object.entries(found)) {
      if (value !== manifest[name as keyof typeof found]) throw new BackupError(`${name} is not what the manifest says`)
    }
  } finally {
    database.close()
  }
}

/** What the database holds when all is done. */
export function countRows(file: string): {
  readonly schemaVersion: number
  readonly rows: Readonly<Record<string, number>>
} {
  const database = new SqliteDatabase(file, { readonly: true, fileMustExist: true })
  try {
    const tables = database
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name",
      )
      .pluck()
      .all()
    const rows = Object.fromEntries(tables.map((table) => [table, countOf(database, table)]))
    return { schemaVersion: schemaVersionOf(database), rows }
  } finally {
    database.close()
  }
}

function countOf(database: Database, table: string): number {
  return database.prepare<[], number>(`SELECT count(*) FROM "${table}"`).pluck().get() ?? 0
}

function schemaVersionOf(database: Database): number {
  return countOf(database, '__drizzle_migrations')
}
