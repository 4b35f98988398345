import type { ClientBase } from 'pg'
import { MigrationError } from '../missing-migrations.ts'
import { functionsRole } from './functions-role.ts'

const make = `
  DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${functionsRole}') THEN CREATE ROLE ${functionsRole}; END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`

const join = `
  DO $$ BEGIN
    IF NOT pg_has_role(CURRENT_USER, '${functionsRole}',
      CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
    THEN GRANT ${functionsRole} TO CURRENT_USER; END IF;
  EXCEPTION WHEN unique_violation THEN NULL;
  END $$`

/** What PostgreSQL says of it. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const refusals: Readonly<Record<string, string>> = {
  // insufficient_privilege
  '42501': `its user may not make the role of functions: let an administrator say CREATE ROLE ${functionsRole}; GRANT ${functionsRole} TO the user of DATABASE_URL`,
  // invalid_grant_operation
  '0LP01': `${functionsRole} is a member of the user of DATABASE_URL: let an administrator revoke that`,
}

/**
 * Makes the role of functions where it is missing, and this user a member of it. Throws MigrationError for what this user
 * may not do.
 * Each statement is a transaction of its own, and must be. Roles are the cluster's: the start of another of its databases,
 * which no lock of ours holds off, may make the same one in between, and a transaction that lost goes on without a role
 * in its cache.
 */
export async function makeFunctionsRole(client: ClientBase): Promise<void> {
  try {
    await client.query(make)
    await client.query(join)
  } catch (error) {
    const refusal = error instanceof Error && 'code' in error ? refusals[String(error.code)] : undefined
    throw refusal === undefined ? error : new MigrationError(refusal)
  }
}
