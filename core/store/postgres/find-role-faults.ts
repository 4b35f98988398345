import type { ClientBase } from 'pg'
import { functionsRole, ownTables, privilegesOn, type TablePrivilege, tablePrivileges } from './functions-role.ts'

const schemaPublic = `
  SELECT
    pg_has_role(CURRENT_USER, $1, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
      AS "usable",
    has_schema_privilege($1, 'public', 'USAGE') AS "sees",
    has_schema_privilege($1, 'public', 'CREATE') OR has_database_privilege($1, current_database(), 'CREATE, TEMPORARY')
      AS "creates",
    rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
      OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid) AS "mighty"
  FROM pg_roles WHERE rolname = $1`

const onTables = `
  SELECT name, ARRAY(
    SELECT privilege FROM unnest($3::text[]) WITH ORDINALITY AS each (privilege, position)
    WHERE has_table_privilege($1, format('public.%I', name), privilege) ORDER BY position
  ) AS "held"
  FROM unnest($2::text[]) AS name`

/**
 * What the role of functions may do that it must not, or must be able to do and may not, each in words for the
 * operator; nothing where all is as it should be. Asks what holds in the end, by whichever grant: to the role itself or
 * to everybody. Expects the whole schema to be there.
 */
export async function findRoleFaults(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<Record<'usable' | 'sees' | 'creates' | 'mighty', boolean>>(schemaPublic, [
    functionsRole,
  ])
  const [role] = rows
  if (role === undefined) return [`the role ${functionsRole} is missing`]
  const faults: string[] = []
  if (!role.usable) faults.push(`the user of DATABASE_URL is not a member of ${functionsRole}`)
  if (!role.sees) faults.push(`${functionsRole} may not use the schema public`)
  // A temporary table is found before one of ours that has its name, in every later statement of the connection.
  if (role.creates) faults.push(`${functionsRole} may create schemas, tables or temporary tables`)
  if (role.mighty) faults.push(`${functionsRole} has an attribute such as SUPERUSER, or is a member of another role`)

  const values = [functionsRole, ownTables, tablePrivileges]
  const tables = await client.query<{ name: string; held: TablePrivilege[] }>(onTables, values)
  for (const { name, held } of tables.rows) {
    const wanted = privilegesOn(name).join()
    if (held.join() !== wanted)
      faults.push(`${functionsRole} has ${held.join() || 'nothing'} on ${name}, not ${wanted}`)
  }
  return faults
}
