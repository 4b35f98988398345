import type { Database } from 'better-sqlite3'

/** Beyond this many rows a table takes too long (about 5 µs a row) to be written anew in one go. */
const mostRows = 20_000

/** Beyond this many bytes of sealed values a table's copy takes too much memory, and too long (about 10 ms a MB). */
const mostBytes = 33_554_432

/** The tables that hold sealed values, with their columns, as the database itself lists them. */
const sealedTables = `
  SELECT t.name AS name, group_concat(c.name) AS columns
  FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
  WHERE t.type = 'table' GROUP BY t.name HAVING max(c.name LIKE '%\\_ciphertext' ESCAPE '\\')`

/**
 * Writes every table that holds sealed values anew. Needed because `secure_delete` is not enough: when SQLite balances
 * a B-tree it moves rows between pages and leaves the bytes of some in the unused middle of the page they came from.
 * The later deletion of such a row overwrites the row, not that copy. Emptying the whole table frees all its pages,
 * which secure_delete fills with zeros; rows appended in order are never moved.
 * Answers the tables that were left as they are, being too large. Call it outside a transaction: foreign keys are off
 * meanwhile, or the emptying would cascade. Throws SQLite's error, with nothing changed.
 * Found by trying: some 1 in 3,000 deleted rows stayed readable. Source: rebuildPage() in SQLite's btree.c
 */
export function rewriteSealedTables(connection: Database): string[] {
  const tables = connection.prepare<[], { name: string; columns: string }>(sealedTables).all()
  const tooLarge: string[] = []
  connection.pragma('foreign_keys = OFF')
  try {
    connection
      .transaction(() => {
        for (const { name, columns } of tables) {
          if (isTooLarge(connection, name, columns)) tooLarge.push(name)
          else rewrite(connection, name, columns)
        }
      })
      .immediate()
  } finally {
    connection.pragma('foreign_keys = ON')
  }
  return tooLarge
}

/** Rows are limited first, so that what they hold is soon summed up: a length stands at the beginning of its row. */
function isTooLarge(connection: Database, name: string, columns: string): boolean {
  const ask = (sum: string) => connection.prepare<[], number | null>(`SELECT ${sum} FROM ${name}`).pluck().get() ?? 0
  if (ask('max(rowid) - min(rowid)') >= mostRows) return true
  const sealed = columns.split(',').filter((column) => column.endsWith('_ciphertext'))
  return ask(sealed.map((column) => `total(octet_length(${column}))`).join(' + ')) > mostBytes
}

/** The copy is in memory: see `temp_store` in pragmas.ts. Written and read as it lies: sorting it would take as much again. */
function rewrite(connection: Database, name: string, columns: string): void {
  connection.exec(`
    CREATE TEMP TABLE kept AS SELECT rowid AS kept_rowid, ${columns} FROM main.${name} ORDER BY rowid;
    DELETE FROM main.${name};
    INSERT INTO main.${name} (rowid, ${columns}) SELECT kept_rowid, ${columns} FROM kept ORDER BY rowid;
    DROP TABLE temp.kept`)
}
