import { sql } from 'drizzle-orm'
import type { Dialect } from '../dialect.ts'
import { headsTable } from './functions-role.ts'

/** Source: https://www.postgresql.org/docs/current/functions-binarystring.html, .../functions-json.html,
 * .../functions-aggregate.html */
export const postgresDialect: Dialect = {
  engine: 'postgres',
  hex: (bytes) => sql`encode(${bytes}, 'hex')`,
  // It keeps statistics of its own, and chooses by them.
  unindexed: (column) => sql`${column}`,
  bytesIn: (json) => sql`SELECT decode(value, 'hex') AS bytes FROM json_array_elements_text(CAST(${json} AS json))`,
  percentile: (of, p) => sql`percentile_cont(${p / 100}) WITHIN GROUP (ORDER BY ${of})`,
  rowNumber: undefined,
  // Numbers are given when a row is written and seen when its transaction commits: as many as may be under way at once.
  overtaking: 256,
  isLinkRefused: () => false,
  chainHeads: sql`${sql.identifier(headsTable)}`,
  // The rest of a transaction is refused as well.
  goesOnAfterRefusal: false,
  // What a run of it costs here is the exchange with the server.
  quicken: (statement) => statement,
}
