import { type Column, Param, sql } from 'drizzle-orm'
import type { Db } from '../store/store.ts'

/** More shapes than the code has ways to ask. Beyond it all are forgotten and made again as they are asked for. */
const mostShapes = 1_000

const known = new WeakMap<object, Map<string, unknown>>()

/**
 * A statement that is built and prepared once for each connection and shape: that would be most of its cost each time.
 * `shape` must tell apart all that `prepare` makes different; values belong in slots.
 */
export function prepared<S>(db: Db, shape: string, prepare: () => S): S {
  const shapes = known.get(db.$client) ?? new Map<string, unknown>()
  known.set(db.$client, shapes)
  const found = shapes.get(shape)
  // What stands under a shape was put there by the same caller.
  if (found !== undefined) return found as S
  if (shapes.size >= mostShapes) shapes.clear()
  const statement = prepare()
  shapes.set(shape, statement)
  return statement
}

/** The place of a value that is given when the statement is run, written as the column writes its values. */
export function slot(column: Column, name: string): Param {
  return new Param(sql.placeholder(name), column)
}
