import type { Database } from 'better-sqlite3'

/** What a trigger of the fence is called begins so. */
const prefix = 'fence_'

const changes = ['INSERT', 'UPDATE', 'DELETE'] as const

/**
 * Refuses every further change of a row, whoever makes it: a process that had the database open before and waits for the
 * write lock would write where nobody reads any more. Call it within the transaction that ends the use of the database.
 */
export function raiseFence(connection: Database): void {
  const tables = connection.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  for (const table of tables.filter((name) => !name.startsWith('sqlite_'))) {
    for (const change of changes) {
      connection.exec(
        `CREATE TRIGGER IF NOT EXISTS ${prefix}${table}_${change} BEFORE ${change} ON ${table}
         BEGIN SELECT RAISE(ABORT, 'this database was moved'); END`,
      )
    }
  }
}

/** Takes the fence away, where there is one. */
export function dropFence(connection: Database): void {
  const fence = connection
    .prepare<[string], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND substr(name, 1, 6) = ?")
    .pluck()
    .all(prefix)
  if (fence.length > 0)
    connection.exec(['BEGIN IMMEDIATE', ...fence.map((name) => `DROP TRIGGER ${name}`), 'COMMIT'].join(';'))
}
