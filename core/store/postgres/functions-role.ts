import { getTableName, is } from 'drizzle-orm'
import { SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from '../schema.ts'

/** As whom functions speak to PostgreSQL. Roles belong to a whole cluster: all its databases of Oort share this one. */
export const functionsRole = 'oort_functions'

/** Where migrations that were applied are noted. Named as drizzle names it. */
export const migrationsTable = '__drizzle_migrations'

/** Where each chain of the log stands, which the trigger of the log alone writes. */
export const headsTable = 'audit_heads'

/** All tables of the schema public that are ours. */
export const ownTables: readonly string[] = [
  migrationsTable,
  headsTable,
  ...Object.values(schema)
    .filter((each) => is(each, SQLiteTable))
    .map(getTableName),
]

/** Everything that can be granted on a table. Source: https://www.postgresql.org/docs/current/ddl-priv.html */
export const tablePrivileges = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'] as const

export type TablePrivilege = (typeof tablePrivileges)[number]

/**
 * What functions may do with a table of ours. Entries of the log can be added and read: what the triggers refuse is not
 * permitted to begin with. Sequences are left out, since an identity column needs no permission of its own.
 */
export function privilegesOn(table: string): readonly TablePrivilege[] {
  if (table === migrationsTable || table === headsTable) return ['SELECT']
  if (table === getTableName(schema.auditEvents)) return ['SELECT', 'INSERT']
  return ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
}
