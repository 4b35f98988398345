import { and, type SQL, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { appendEvent } from '../audit/append-event.ts'
import type { Actor, AuditEvent } from '../audit/events.ts'
import { contextOf } from '../crypto/context-of.ts'
import { OortError } from '../errors.ts'
import { newId, type RunId } from '../ids.ts'
import { searchTerms } from '../runs/search-terms.ts'
import { prepared, slot } from '../store/prepared.ts'
import { runTerms } from '../store/schema.ts'
import { unpackOptionalSealed } from '../store/sealed-row.ts'
import {
  type EventOn,
  factsOf,
  type Heartbeat,
  type NewRow,
  type OwnedTable,
  type Patch,
  type Row,
  type RowId,
  type SealedName,
  type TableFacts,
  type TouchedTable,
  type Where,
} from './owned-table.ts'
import { column, oneRow, type Reading } from './read-rows.ts'
import { needsProvider, sealPatch, sealRow } from './seal-row.ts'

/** What writing takes beside what reading takes: who does it, and when. `db` is the writing side. */
export interface Writing extends Reading {
  readonly actor: Actor
  readonly now: number
}

export interface InsertOptions<T extends OwnedTable> {
  /** The row's id, where it had to be known before. */
  readonly id?: RowId<T>
  /** For runs: the text by whose words the run is found. */
  readonly searchText?: string
}

/** Adds a row of the owner and its event. Answers the row without its sealed values. */
export async function insertRow<T extends OwnedTable>(
  writing: Writing,
  table: T,
  row: NewRow<T>,
  event: EventOn<T>,
  options: InsertOptions<T> = {},
): Promise<Row<T>> {
  const facts = factsOf(table)
  const id = options.id ?? newId(facts.idKind)
  const { db, userId, now } = writing
  const given = row as Readonly<Record<string, unknown>>
  const sealed = sealRow(writing, facts, id, given, given['provider'])
  const values: Record<string, unknown> = { ...facts.blank, ...sealed, id, userId, createdAt: now }
  const statement = prepared(db, `insert ${facts.name}`, () =>
    db
      .insert(table as SQLiteTable)
      .values(slotsOf(facts, Object.keys(facts.columns)) as never)
      .prepare(),
  )
  await statement.execute(values)
  if (options.searchText !== undefined) await indexRun(writing, id as RunId, options.searchText)
  await note(writing, facts, id, event)
  const inserted = Object.keys(facts.plain).map((name) => [name, values[name]])
  return Object.fromEntries(inserted) as unknown as Row<T>
}

/** Changes the owner's row and appends the event. Throws NOT_FOUND for a foreign row as for a missing one. */
export async function updateRow<T extends OwnedTable>(
  writing: Writing,
  table: T,
  id: RowId<T>,
  patch: Patch<T>,
  event: EventOn<T>,
): Promise<void> {
  const bound = needsProvider(factsOf(table), patch) ? { provider: await providerOf(writing, table, id) } : {}
  const changed = await updateRowWhile(writing, table, id, bound as Where<T>, patch, event)
  if (!changed) throw new OortError('NOT_FOUND')
}

/**
 * As `updateRow`, if the row still meets the conditions; answers whether it did. Where there is no such row, nothing is
 * said of it. A sealed value of a row that has a provider takes the provider among the conditions.
 */
export async function updateRowWhile<T extends OwnedTable>(
  writing: Writing,
  table: T,
  id: RowId<T>,
  where: Where<T>,
  patch: Patch<T>,
  event: EventOn<T>,
): Promise<boolean> {
  const facts = factsOf(table)
  const { provider } = where as { readonly provider?: unknown }
  if (needsProvider(facts, patch) && typeof provider !== 'string') {
    throw new TypeError(`${facts.name} seals under the provider`)
  }
  const values = sealPatch(writing, facts, id, patch, provider)
  const { changes } = await setOn(writing, table, id, values, where)
  if (changes === 0) return false
  await note(writing, facts, id, event)
  return true
}

/** Removes the owner's row and appends the event. Throws NOT_FOUND for a foreign row as for a missing one. */
export async function deleteRow<T extends OwnedTable>(
  writing: Writing,
  table: T,
  id: RowId<T>,
  event: EventOn<T>,
): Promise<void> {
  const facts = factsOf(table)
  const { db } = writing
  const conditions = oneRow(table, writing.userId, id)
  const statement = prepared(db, `delete ${facts.name}`, () =>
    db
      .delete(table)
      .where(and(...conditions.build()))
      .prepare(),
  )
  const { changes } = await statement.execute(conditions.values)
  if (changes === 0) throw new OortError('NOT_FOUND')
  await note(writing, facts, id, event)
}

/** Notes a time of last use or sight. Silent when the row is gone. */
export async function touchRow<T extends TouchedTable>(
  reading: Reading,
  table: T,
  id: RowId<T>,
  times: Heartbeat<T>,
): Promise<void> {
  await setOn(reading, table, id, times)
}

/** Opens a sealed value of the owner's row and appends the event that tells of it. Throws NOT_FOUND. */
export async function unsealValue<T extends OwnedTable>(
  writing: Writing,
  table: T,
  id: RowId<T>,
  name: SealedName<T> & string,
  event: EventOn<T>,
): Promise<string> {
  const facts = factsOf(table)
  const { db } = writing
  const conditions = oneRow(table, writing.userId, id)
  const statement = prepared(db, `unseal ${facts.name}`, () =>
    db
      .select()
      .from(table)
      .where(and(...conditions.build()))
      .prepare(),
  )
  const [row] = await statement.execute(conditions.values)
  const sealed = row === undefined ? null : unpackOptionalSealed(row as never, name)
  if (row === undefined || sealed === null) throw new OortError('NOT_FOUND')
  const provider = 'provider' in row ? row.provider : undefined
  const place = { id, userId: writing.userId, provider }
  const text = writing.keyring.openText(sealed, contextOf(facts.name, name, place))
  await note(writing, facts, id, event)
  return text
}

/** The columns that a statement sets, each to the value of its own name. */
function slotsOf(facts: TableFacts, names: readonly string[]): Record<string, SQL> {
  return Object.fromEntries(names.map((name) => [name, sql`${slot(column(facts, name), name)}`]))
}

function setOn<T extends OwnedTable>(
  { db, userId }: Reading,
  table: T,
  id: RowId<T>,
  given: Readonly<Record<string, unknown>>,
  where?: Where<T>,
) {
  const facts = factsOf(table)
  const names = Object.keys(given)
  const conditions = oneRow(table, userId, id, where)
  const statement = prepared(db, `update ${facts.name} ${names} ${conditions.shape}`, () =>
    db
      .update(table)
      .set(slotsOf(facts, names) as never)
      .where(and(...conditions.build()))
      .prepare(),
  )
  return statement.execute({ ...given, ...conditions.values })
}

async function note(writing: Writing, facts: TableFacts, id: string, event: AuditEvent): Promise<void> {
  const { db, keyring, userId: subjectId, actor, now: ts } = writing
  await appendEvent(db, keyring, { subjectId, actor, event, target: { kind: facts.name, id }, ts })
}

async function providerOf<T extends OwnedTable>(writing: Writing, table: T, id: RowId<T>): Promise<unknown> {
  const facts = factsOf(table)
  const { db } = writing
  const conditions = oneRow(table, writing.userId, id)
  const statement = prepared(db, `provider ${facts.name}`, () =>
    db
      .select({ provider: column(facts, 'provider') })
      .from(table)
      .where(and(...conditions.build()))
      .prepare(),
  )
  const [row] = await statement.execute(conditions.values)
  if (row === undefined) throw new OortError('NOT_FOUND')
  return row.provider
}

async function indexRun(writing: Writing, runId: RunId, text: string): Promise<void> {
  const { db, keyring, userId } = writing
  const statement = prepared(db, 'index run', () => {
    const [owner, run, terms] = [sql.placeholder('userId'), sql.placeholder('runId'), sql.placeholder('terms')]
    // All words in one statement: each costs the database a tenth of what it costs to ask it.
    const words = sql`(${db.$dialect.bytesIn(terms)}) AS words`
    return db.insert(runTerms).select(sql`SELECT ${owner}, words.bytes, ${run} FROM ${words}`).prepare()
  })
  const terms = searchTerms(keyring, userId, text).map((term) => term.toString('hex'))
  await statement.execute({ userId, runId, terms: JSON.stringify(terms) })
}
