import type { SQLWrapper } from 'drizzle-orm'
import { BaseSQLiteDatabase, SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'
import { type PreparedQueryConfig, SQLiteRemoteSession } from 'drizzle-orm/sqlite-proxy'
import type { ClientBase, Pool } from 'pg'
import type { Db } from '../store.ts'
import { postgresDialect } from './dialect.ts'

/** A connection, or a pool that takes one for each statement. */
export type Queryable = Pool | ClientBase

/**
 * Statements on PostgreSQL, built by the same builder as SQLite's: the two speak one language in all that we say, but
 * for the names of parameters. Each text is prepared once for each connection. Throws what `explain` makes of the
 * driver's error.
 */
export function postgresDb(client: Queryable, explain: (error: unknown) => unknown): Db {
  const dialect = new PostgresText({ casing: 'snake_case' })
  const ask = async (text: string, values: unknown[], rowMode?: 'array') => {
    try {
      return await client.query({ text, values, name: nameOf(text), ...(rowMode && { rowMode }) })
    } catch (error) {
      throw explain(error)
    }
  }
  const session = new PlainSession(
    async (text, values, method) => {
      const { rows, rowCount } = await ask(text, values, 'array')
      return { rows: method === 'get' ? rows[0] : rows, changes: rowCount ?? 0 } as { rows: unknown[] }
    },
    dialect,
    undefined,
  )
  const db = new BaseSQLiteDatabase('async', dialect as never, session as never, undefined)
  return Object.assign(db, {
    $client: client,
    $dialect: postgresDialect,
    // The builder has rows of a written statement in arrays; whoever writes one names what comes out of it.
    all: async (query: SQLWrapper) => {
      const { sql, params } = dialect.sqlToQuery(query.getSQL())
      return (await ask(sql, params)).rows
    },
  }) as unknown as Db
}

const conflictTarget = /(?<= on conflict \()[^)]+/

class PostgresText extends SQLiteAsyncDialect {
  override escapeParam(index: number): string {
    return `$${index + 1}`
  }

  /** Columns that a conflict is about stand without their table, which the builder names. */
  override sqlToQuery(...given: Parameters<SQLiteAsyncDialect['sqlToQuery']>) {
    const query = super.sqlToQuery(...given)
    return { ...query, sql: query.sql.replace(conflictTarget, (columns) => columns.replaceAll(/"\w+"\./g, '')) }
  }
}

/** Lets errors through as they are: drizzle's own would quote the statement with its values. */
class PlainSession extends SQLiteRemoteSession<never, never> {
  override prepareQuery<T extends PreparedQueryConfig>(
    ...given: Parameters<SQLiteRemoteSession<never, never>['prepareQuery']>
  ) {
    const prepared = super.prepareQuery<T>(...given)
    return Object.assign(prepared, {
      queryWithCache: (_text: string, _values: unknown[], query: () => Promise<unknown>) => query(),
    })
  }
}

/** More texts than the code has ways to ask. What comes beyond them is not prepared. */
const mostNames = 1_000

const names = new Map<string, string>()

/** The name under which a connection keeps the prepared statement of this text. */
function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || names.size >= mostNames) return known
  const name = `s${names.size}`
  names.set(text, name)
  return name
}
