import type { readMigrationFiles } from 'drizzle-orm/migrator'

/** A database that this version of Oort cannot use: the start must not go on. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

type Migrations = ReturnType<typeof readMigrationFiles>

/**
 * Those of the known migrations that were not applied yet, by the hashes of those that were, both in their order.
 * Throws MigrationError for a database of a newer Oort and a migration that was changed after it was applied.
 */
export function missingMigrations(applied: readonly string[], known: Migrations): Migrations {
  if (applied.length > known.length) {
    throw new MigrationError(
      'it was made by a newer version of Oort: start that version again, or restore a backup from before the upgrade',
    )
  }
  if (applied.some((hash, at) => known[at]?.hash !== hash)) {
    throw new MigrationError('an applied migration is not the one that this version knows')
  }
  return known.slice(applied.length)
}
