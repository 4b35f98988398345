import { type Column, Param, type Placeholder, sql } from 'drizzle-orm'
import type { Db } from './store.ts'

/** More shapes than the code has ways to ask. Beyond it all are forgotten and made again as they are asked for. */
const mostShapes = 1_000

const known = new WeakMap<object, Map<string, unknown>>()

/**
 * A statement that is built and prepared once for each connection and shape: that would be most of its cost each time.
 * `shape` must tell apart all that `prepare` makes different; values belong in slots.
 */
export function prepared<S extends object>(db: Db, shape: string, prepare: () => S): S {
  const shapes = known.get(db.$client) ?? new Map<string, unknown>()
  known.set(db.$client, shapes)
  const found = shapes.get(shape)
  // What stands under a shape was put there by the same caller.
  if (found !== undefined) return found as S
  if (shapes.size >= mostShapes) shapes.clear()
  const statement = db.$dialect.quicken(prepare())
  shapes.set(shape, statement)
  return statement
}

/** The place of a value that is given when the statement is run, written as the column writes its values; null as it is. */
export function slot(column: Column, name: string): Param {
  const mapToDriverValue = (value: unknown) => (value === null ? null : column.mapToDriverValue(value))
  return new Param(sql.placeholder(name), { mapToDriverValue })
}

/**
 * The place of a limit that is given when the statement is run. SQLite looks into a bare one, and plans the statement
 * anew each time that a value is put there, which costs several times what running it does.
 */
export function limitSlot(name: string): Placeholder {
  return sql`(${sql.placeholder(name)} + 0)` as unknown as Placeholder
}

/** A limit that never changes, said in the statement's text: see `limitSlot`. */
export function fixedLimit(rows: number): Placeholder {
  return sql.raw(String(rows)) as unknown as Placeholder
}
