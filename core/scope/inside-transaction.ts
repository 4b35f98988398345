import type { Writing } from './write-rows.ts'

const writings = new WeakMap<object, Writing>()

/** For `createUserScope` alone: names the database work behind a transaction. */
export function putBehind<Tx extends object>(tx: Tx, writing: Writing): Tx {
  writings.set(tx, writing)
  return tx
}

/**
 * The database work behind a transaction, for what belongs to a user without being a row that a
 * function may name, such as the runs counted against a plan. For core alone, as `insideOf` is.
 */
export function insideOfTransaction(tx: object): Writing {
  const found = writings.get(tx)
  if (found === undefined) throw new TypeError('not a transaction made by a user scope')
  return found
}
