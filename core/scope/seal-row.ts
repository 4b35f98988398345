import { contextOf } from '../crypto/context-of.ts'
import { packSealed, sealedColumnsOf } from '../store/sealed-row.ts'
import type { OwnedTable, Patch, TableFacts } from './owned-table.ts'
import type { Reading } from './read-rows.ts'

/** Whether a patch seals values that are bound to the row's provider. */
export function needsProvider<T extends OwnedTable>(facts: TableFacts, patch: Patch<T>): boolean {
  const given = patch as Readonly<Record<string, unknown>>
  return 'provider' in facts.columns && facts.sealed.some((name) => given[name] !== undefined)
}

/** What `sealRow` does, for a row that is there. Throws TypeError for a patch of the provider, which values are sealed under. */
export function sealPatch<T extends OwnedTable>(
  reading: Reading,
  facts: TableFacts,
  id: string,
  patch: Patch<T>,
  provider: unknown,
): Record<string, unknown> {
  const given = patch as Readonly<Record<string, unknown>>
  if (given['provider'] !== undefined) throw new TypeError(`${facts.name} seals under the provider, which stays`)
  return sealRow(reading, facts, id, given, provider)
}

/**
 * Replaces each named plain text by its four sealed columns, and null by four nulls. Members that are no business of
 * the caller are refused: the types keep them out, but a row may come from a parsed body.
 */
export function sealRow(
  reading: Reading,
  facts: TableFacts,
  rowId: string,
  given: Readonly<Record<string, unknown>>,
  provider: unknown,
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  const place = { id: rowId, userId: reading.userId, provider }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (facts.writable.has(name)) values[name] = value
    else if (!facts.sealed.includes(name)) throw new TypeError(`${name} of ${facts.name} is not to be written`)
    else if (value === null) for (const part of sealedColumnsOf(name)) values[part] = null
    else if (typeof value !== 'string') throw new TypeError(`${name} of ${facts.name} is sealed as text`)
    else Object.assign(values, packSealed(name, reading.keyring.seal(value, contextOf(facts.name, name, place))))
  }
  return values
}
