import type { Config } from '../config.ts'
import { openSqlite } from './sqlite/open-sqlite.ts'
import type { Store } from './store.ts'

/**
 * Opens the database that the configuration names: PostgreSQL where there is an address of one, or the SQLite file in
 * the data folder, which is made where it is missing. Its schema is then up to date. Throws PragmaError or
 * MigrationError for a database that must not be used, or the engine's own error when it cannot be.
 */
export async function openStore({ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<Store> {
  if (databaseUrl === undefined) return openSqlite(dataDir)
  const { openPostgres } = await import('./postgres/open-postgres.ts')
  return openPostgres(databaseUrl, dataDir)
}
