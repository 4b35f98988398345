import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { real, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toPostgres } from '../../../../core/store/postgres/to-postgres.ts'
import { migrate } from '../../../../core/store/sqlite/migrate.ts'
import { root } from '../../../support/source-graph.ts'
import { type Lab, openLab, withoutPostgres } from './lab.ts'

const sqlite = new SqliteDatabase(':memory:')

afterAll(() => sqlite.close())

const asSqlite = { text: 'text', bigint: 'integer', bytea: 'blob' } as const

describe.skipIf(withoutPostgres)('a migrated PostgreSQL has what a migrated SQLite has', () => {
  let lab: Lab
  let owner: Client

  beforeAll(async () => {
    migrate(sqlite, join(root, 'core/store/migrations/sqlite'))
    lab = await openLab()
    ;({ owner } = await lab.migrated())
  })

  afterAll(() => lab?.close())

  const rowsOf = async (query: string) => (await owner.query<Record<string, unknown>>(query)).rows

  test('every table and column, with its type, its default, and whether it may be null', async () => {
    const there = sqlite
      .prepare<[], { default: string | null }>(
        `SELECT t.name AS "table", c.name AS "column", lower(c.type) AS type, c."notnull" AS required, dflt_value AS "default"
         FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
         WHERE t.type = 'table' AND t.name <> '__drizzle_migrations' ORDER BY 1, 2`,
      )
      .all()
    const here = await rowsOf(
      `SELECT table_name AS "table", column_name AS "column", data_type AS type, column_default AS "default",
         (is_nullable = 'NO')::int AS required
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT IN ('__drizzle_migrations', 'audit_heads')
         AND column_name <> 'rowid' ORDER BY table_name COLLATE "C", column_name COLLATE "C"`,
    )
    expect(there.length).toBeGreaterThan(200)
    expect(
      here.map((column) => ({
        ...column,
        type: asSqlite[column['type'] as keyof typeof asSqlite],
        default: (column['default'] as string | null)?.replace(/^'0'::bigint$/, '0').replace(/::text$/, '') ?? null,
      })),
    ).toEqual(there.map((column) => ({ ...column, default: column.default?.replace('false', '0') ?? null })))
  })

  test('every primary key and index, with its columns in their order', async () => {
    const there = sqlite
      .prepare(
        `SELECT t.name AS "table", iif(i.origin = 'pk', 'pk', i.name) AS name, i."unique" AS "unique", i.partial AS partial,
           (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) AS columns
         FROM sqlite_schema AS t JOIN pragma_index_list(t.name) AS i
         WHERE t.type = 'table' AND t.name <> '__drizzle_migrations'
         UNION ALL SELECT 'key_versions', 'pk', 1, 0, 'version' -- SQLite's own rowid, which has no index
         ORDER BY 1, 2`,
      )
      .all()
    const here = await rowsOf(
      `SELECT t.relname AS "table", CASE WHEN indisprimary THEN 'pk' ELSE i.relname END AS name,
         indisunique::int AS "unique", (indpred IS NOT NULL)::int AS partial,
         (SELECT string_agg(attname, ',' ORDER BY position) FROM unnest(indkey) WITH ORDINALITY AS k (number, position)
          JOIN pg_attribute ON attrelid = t.oid AND attnum = k.number) AS columns
       FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid JOIN pg_class AS t ON t.oid = indrelid
       WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT IN ('__drizzle_migrations', 'audit_heads')
         AND i.relname <> 'audit_events_by_rowid'
       ORDER BY 1, 2`,
    )
    expect(here).toEqual(there)
  })

  test('every reference, with what becomes of it when its row goes', async () => {
    const there = sqlite
      .prepare(
        `SELECT t.name AS "table", f."from" AS "column", f."table" AS target, f."to" AS "key", f.on_delete AS "gone"
         FROM sqlite_schema AS t JOIN pragma_foreign_key_list(t.name) AS f ORDER BY 1, 2`,
      )
      .all()
    const here = await rowsOf(
      `SELECT k.table_name AS "table", k.column_name AS "column", u.table_name AS target, u.column_name AS "key",
         delete_rule AS "gone"
       FROM information_schema.referential_constraints AS r
       JOIN information_schema.key_column_usage AS k USING (constraint_name)
       JOIN information_schema.constraint_column_usage AS u USING (constraint_name)
       ORDER BY k.table_name COLLATE "C", k.column_name COLLATE "C"`,
    )
    expect(there.length).toBeGreaterThan(15)
    expect(here).toEqual(there)
  })

  test('text sorts by its bytes, whatever the locale of the server', async () => {
    const other = await rowsOf(
      `SELECT table_name, column_name FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> '__drizzle_migrations' AND data_type = 'text'
         AND collation_name IS DISTINCT FROM 'C'`,
    )
    expect(other).toEqual([])
  })

  test('entries of the log have a number, by which they are found through an index', async () => {
    const plan = await rowsOf('EXPLAIN (FORMAT JSON) SELECT * FROM audit_events WHERE rowid > 5 ORDER BY rowid LIMIT 1')
    expect(JSON.stringify(plan)).toContain('"audit_events_by_rowid"')
  })
})

test('a description that has no counterpart is refused rather than lost', () => {
  expect(() => toPostgres({ t: sqliteTable('t', { ratio: real() }) })).toThrow('t.ratio is of an unknown type')
  const constrained = sqliteTable('t', { a: text() }, (table) => [unique().on(table.a)])
  expect(() => toPostgres({ constrained })).toThrow('t has a constraint of an unknown kind')
})
