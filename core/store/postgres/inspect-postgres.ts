import type { Inspection } from '../inspection.ts'
import { migrationsOf } from '../migrations-folder.ts'
import { connectOwner } from './connect-owner.ts'
import { databaseBytes } from './database-bytes.ts'
import { demandSettings, readSettings } from './demand-settings.ts'
import { describeAddress } from './describe-address.ts'
import { findRoleFaults } from './find-role-faults.ts'
import { countMissingPostgres } from './migrate-postgres.ts'
import { postgresDb } from './postgres-db.ts'
import { postgresFailure } from './postgres-failure.ts'

/** Opens the database at `url` for reading alone. Throws UnreachableError. */
export async function inspectPostgres(url: string): Promise<Inspection> {
  const client = await connectOwner(url, 'doctor')
  await client.query('SET default_transaction_read_only = on')
  return {
    read: postgresDb(client, postgresFailure),
    async describe() {
      return `${((await databaseBytes(client)) / 1e6).toFixed(1)} MB in ${describeAddress(url)}`
    },
    async checkSettings() {
      await demandSettings(client)
      const { server_version: version, synchronous_standby_names: standbys } = await readSettings(client)
      return `PostgreSQL ${version}, ${standbys ? 'commits wait for a standby' : 'no standby is waited for'}`
    },
    countMissingMigrations: () => countMissingPostgres(client, migrationsOf('postgres')),
    // Its pages are checked as they are read; what can be amiss beside them is what functions may do.
    findDamage: () => findRoleFaults(client),
    // Every one is checked when it is written, and nothing switches that off but the owner.
    countBrokenReferences: async () => 0,
    close: () => client.end(),
  }
}
