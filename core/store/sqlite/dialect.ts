import { sql } from 'drizzle-orm'
import type { Dialect } from '../dialect.ts'
import { quickStatement } from './quick-statement.ts'

/** By the trigger that holds the links, and by the primary key. Source: https://sqlite.org/rescode.html */
const refusals = new Set<unknown>(['SQLITE_CONSTRAINT_TRIGGER', 'SQLITE_CONSTRAINT_PRIMARYKEY'])

/** Source: https://sqlite.org/lang_corefunc.html, .../json1.html, .../percentile.html, .../optoverview.html */
export const sqliteDialect: Dialect = {
  engine: 'sqlite',
  hex: (bytes) => sql`iif(typeof(${bytes}) = 'blob', lower(hex(${bytes})), NULL)`,
  // Without statistics the planner takes any index for as good as another; it knows no column behind a sign.
  unindexed: (column) => sql`+${column}`,
  bytesIn: (json) => sql`SELECT unhex(value) AS bytes FROM json_each(${json})`,
  percentile: (of, p) => sql`percentile(${of}, ${p})`,
  held: undefined,
  addingEntries: undefined,
  isLinkRefused: (error) => refusals.has((error as { readonly code?: unknown }).code),
  chainHeads: undefined,
  goesOnAfterRefusal: true,
  quicken: quickStatement,
}
