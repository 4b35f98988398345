import { sql } from 'drizzle-orm'
import type { Dialect } from '../dialect.ts'
import { headsTable } from './functions-role.ts'

/** Source: https://www.postgresql.org/docs/current/functions-binarystring.html, .../functions-json.html,
 * .../functions-aggregate.html, .../explicit-locking.html, .../view-pg-locks.html */
export const postgresDialect: Dialect = {
  engine: 'postgres',
  hex: (bytes) => sql`encode(${bytes}, 'hex')`,
  // It keeps statistics of its own, and chooses by them.
  unindexed: (column) => sql`${column}`,
  bytesIn: (json) => sql`SELECT decode(value, 'hex') AS bytes FROM json_array_elements_text(CAST(${json} AS json))`,
  percentile: (of, p) => sql`percentile_cont(${p / 100}) WITHIN GROUP (ORDER BY ${of})`,
  held: sql`FOR UPDATE`,
  // A statement takes this lock before it gives a number, and its transaction keeps it until it ends.
  addingEntries: sql`SELECT DISTINCT virtualtransaction AS id FROM pg_locks
    WHERE locktype = 'relation' AND relation = CAST('public.audit_events' AS regclass) AND mode = 'RowExclusiveLock'
      AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  isLinkRefused: () => false,
  chainHeads: sql`${sql.identifier(headsTable)}`,
  // The rest of a transaction is refused as well.
  goesOnAfterRefusal: false,
  // What a run of it costs here is the exchange with the server.
  quicken: (statement) => statement,
}
