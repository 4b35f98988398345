import { readMigrationFiles } from 'drizzle-orm/migrator'
import type { ClientBase } from 'pg'
import { MigrationError, missingMigrations } from '../missing-migrations.ts'
import { findRoleFaults } from './find-role-faults.ts'
import { functionsRole, migrationsTable } from './functions-role.ts'
import { grantFunctionsRole } from './grant-functions-role.ts'
import { makeFunctionsRole } from './make-functions-role.ts'

/** Of the locks that applications agree on, the one that those who migrate hold. Any number that nothing else uses. */
const lock = 8_071_545_112_026

/**
 * Brings the schema up to date and the rights of functions with it, all or nothing. Holds a lock from the look at what was
 * applied to the commit, so that of several that start at once one applies and the others find it done.
 * A user that does not own the schema changes nothing, and is told whether it may go on.
 * Expects a connection that has taken on no other role, and no transaction. Throws MigrationError for a database of a
 * newer Oort, a migration that was changed after it was applied, a schema that its owner must bring up to date first,
 * and rights that are not as privilegesOn() says. Source: https://www.postgresql.org/docs/current/explicit-locking.html
 */
export async function migratePostgres(client: ClientBase, migrationsFolder: string): Promise<void> {
  const known = readMigrationFiles({ migrationsFolder })
  const owner = await isOwner(client)
  if (owner) await makeFunctionsRole(client)
  // At any stricter level, what was committed while waiting for the lock would not be seen.
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
  try {
    // Migrations name tables without their schema, and constraints with it.
    await client.query('SET LOCAL search_path = public')
    await client.query('SELECT pg_advisory_xact_lock($1)', [lock])
    if (owner) {
      await applyMissing(client, known)
      await grantFunctionsRole(client)
    } else {
      await requireReady(client, known)
    }
    await client.query('COMMIT')
  } catch (error) {
    // Where the connection is lost there is nothing to roll back, and what went wrong first is to be told.
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/**
 * How many migrations of this version the schema lacks. Changes nothing; throws MigrationError as `migratePostgres` does
 * for a database of a newer Oort and a migration that was changed.
 */
export async function countMissingPostgres(client: ClientBase, migrationsFolder: string): Promise<number> {
  return (await missing(client, readMigrationFiles({ migrationsFolder }))).length
}

type Migrations = ReturnType<typeof readMigrationFiles>

async function missing(client: ClientBase, known: Migrations): Promise<Migrations> {
  const applied = await client.query<{ hash: string }>(`SELECT hash FROM public.${migrationsTable} ORDER BY id`)
  return missingMigrations(
    applied.rows.map(({ hash }) => hash),
    known,
  )
}

/** Whether this user made the schema, or may make it since nobody did. MigrationError for one who may neither. */
async function isOwner(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ owns: boolean | null; reads: boolean | null; may: boolean }>(
    `SELECT pg_has_role(relowner, 'USAGE') AS owns, has_table_privilege(pg_class.oid, 'SELECT') AS reads,
       has_schema_privilege('public', 'CREATE') AS may
     FROM (SELECT to_regclass($1) AS found) AS list LEFT JOIN pg_class ON pg_class.oid = found`,
    [`public.${migrationsTable}`],
  )
  const [{ owns, reads, may } = { owns: null, reads: null, may: false }] = rows
  if (owns === null && !may) throw new MigrationError('it is empty, and its user may not make tables in it')
  if (reads === false) throw new MigrationError(`its user neither owns the schema nor is a member of ${functionsRole}`)
  return owns ?? true
}

async function applyMissing(client: ClientBase, known: Migrations): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS public.${migrationsTable}
       (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hash text NOT NULL, created_at bigint NOT NULL)`,
  )
  for (const { hash, sql, folderMillis } of await missing(client, known)) {
    for (const statement of sql) await client.query(statement)
    await client.query(`INSERT INTO public.${migrationsTable} (hash, created_at) VALUES ($1, $2)`, [hash, folderMillis])
  }
}

async function requireReady(client: ClientBase, known: Migrations): Promise<void> {
  const lacking = (await missing(client, known)).length
  if (lacking > 0) throw new MigrationError(`it lacks ${lacking} migrations: start this version once as its owner`)
  const faults = await findRoleFaults(client)
  if (faults.length > 0) throw new MigrationError(faults.join('; '))
}
