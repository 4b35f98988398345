import type { ClientBase } from 'pg'
import { MigrationError } from '../missing-migrations.ts'
import { findRoleFaults } from './find-role-faults.ts'
import { functionsRole, ownTables, privilegesOn } from './functions-role.ts'

/** Everybody may create temporary tables unless told otherwise, and before PostgreSQL 15 lasting ones as well. */
const closeSchema = `
  GRANT USAGE ON SCHEMA public TO ${functionsRole};
  REVOKE CREATE ON SCHEMA public FROM PUBLIC, ${functionsRole};
  DO $$ BEGIN
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC, ${functionsRole}', current_database());
  END $$`

const grantTables = ownTables.map(
  (name) => `
  REVOKE ALL ON TABLE public.${name} FROM ${functionsRole};
  GRANT ${privilegesOn(name).join()} ON TABLE public.${name} TO ${functionsRole}`,
)

/**
 * Grants functions on every table of the schema what privilegesOn() says, and no more. Changes nothing where that is so
 * already. Expects their role to be there (see makeFunctionsRole). Call it as the owner of the schema, within the
 * transaction that brought the schema up to date and under its lock.
 * Throws MigrationError for what somebody else granted, or must grant.
 */
export async function grantFunctionsRole(client: ClientBase): Promise<void> {
  if ((await findRoleFaults(client)).length === 0) return
  await client.query([closeSchema, ...grantTables].join(';'))
  const faults = await findRoleFaults(client)
  if (faults.length > 0) throw new MigrationError(faults.join('; '))
}
