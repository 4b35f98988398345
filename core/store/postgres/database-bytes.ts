import type { Queryable } from './postgres-db.ts'

/** How large the database of a connection is on its server's disk, in bytes. */
export async function databaseBytes(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>('SELECT pg_database_size(current_database()) AS bytes')
  return rows[0]?.bytes ?? 0
}
