import type { Database } from 'better-sqlite3'
import { isBusy } from '../store-failure.ts'

/**
 * What the writer's connection must hold. Each is set, then read back: SQLite ignores a pragma that it does not
 * know and keeps WAL off on a file system that cannot have it, both without an error.
 *
 * synchronous FULL (2): WAL's usual NORMAL can lose acknowledged commits at power loss.
 * secure_delete: freed pages are overwritten with zeros, so that a deleted key's bytes are gone.
 * recursive_triggers: without it INSERT OR REPLACE deletes rows behind the append-only triggers' back.
 * Source: https://www.sqlite.org/pragma.html
 */
const required = {
  journal_mode: 'wal',
  synchronous: 2,
  foreign_keys: 1,
  secure_delete: 1,
  recursive_triggers: 1,
  trusted_schema: 0,
  temp_store: 2,
} as const

/**
 * How long SQLite itself waits for a lock, which blocks the event loop: patient at start, not at all on the writing
 * side while serving (the writer and `eraseTraces` try again by themselves), shortly where a reader needs it.
 */
export const busyTimeoutMs = { starting: 10_000, writing: 0, reading: 50 } as const

/** A database that does not behave as Oort needs it: the start must not go on. */
export class PragmaError extends Error {
  override readonly name = 'PragmaError'
}

/** Sets the pragmas of a writing connection and reads each back. Throws PragmaError for one that did not take. */
export function applyWriterPragmas(database: Database): void {
  database.pragma('cache_size = -16384')
  database.pragma('journal_size_limit = 67108864')
  for (const [name, value] of Object.entries(required)) patiently(() => database.pragma(`${name} = ${value}`))
  confirm(database, required)
}

/** What a writing connection holds of the pragmas that the promises rest on. */
export function readPragmas(database: Database): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.keys(required).map((name) => [name, database.pragma(name, { simple: true }) as string | number]),
  )
}

/** Sets the pragmas of a reading connection, which can write nothing, and reads them back. */
export function applyReaderPragmas(database: Database): void {
  // Small: each commit of the writer empties it, which costs as much as it holds.
  database.pragma('cache_size = -2048')
  const reading = { query_only: 1, trusted_schema: 0, temp_store: 2 } as const
  for (const [name, value] of Object.entries(reading)) database.pragma(`${name} = ${value}`)
  confirm(database, { ...reading, journal_mode: 'wal' })
}

function confirm(database: Database, expected: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(expected)) {
    const actual: unknown = database.pragma(name, { simple: true })
    if (actual !== value) throw new PragmaError(`pragma ${name} is ${String(actual)}, not ${value}`)
  }
}

/**
 * Tries again while another process holds the database. SQLite does not wait by itself when journal_mode changes: of
 * two processes that start at once on a fresh file, one is told at once that it is locked.
 * Blocks, since nothing is served yet.
 */
function patiently(set: () => unknown): void {
  const deadline = performance.now() + busyTimeoutMs.starting
  for (;;) {
    try {
      set()
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}
