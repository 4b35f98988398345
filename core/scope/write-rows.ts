import { and, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { appendEvent } from '../audit/append-event.ts'
import type { Actor, AuditEvent } from '../audit/events.ts'
import { contextOf } from '../crypto/context-of.ts'
import { OortError } from '../errors.ts'
import { newId, type RunId } from '../ids.ts'
import { searchTerms } from '../runs/search-terms.ts'
import { runTerms } from '../store/schema.ts'
import { packSealed, sealedColumnsOf, unpackOptionalSealed } from '../store/sealed-row.ts'
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
} from './owned-table.ts'
import { prepared, slot } from './prepared.ts'
import { column, oneRow, type Reading } from './read-rows.ts'

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
  const given = row as Readonly<Record<string, unknown>>
  const values = {
    ...seal(writing, facts, id, given, given['provider']),
    id,
    userId: writing.userId,
    createdAt: writing.now,
  }
  const { db } = writing
  const set = settingOf(facts, values)
  const statement = prepared(db, `insert ${facts.name} ${set.shape}`, () =>
    db
      .insert(table as SQLiteTable)
      .values(set.build() as never)
      .returning(facts.plain)
      .prepare(),
  )
  const [inserted] = await statement.execute(set.values)
  if (options.searchText !== undefined) await indexRun(writing, id as RunId, options.searchText)
  await note(writing, facts, id, event)
  return inserted as unknown as Row<T>
}

/** Changes the owner's row and appends the event. Throws NOT_FOUND for a foreign row as for a missing one. */
export async function updateRow<T extends OwnedTable>(
  writing: Writing,
  table: T,
  id: RowId<T>,
  patch: Patch<T>,
  event: EventOn<T>,
): Promise<void> {
  const facts = factsOf(table)
  const given = patch as Readonly<Record<string, unknown>>
  const sealing = facts.sealed.some((name) => given[name] !== undefined)
  if (given['provider'] !== undefined) throw new TypeError(`${facts.name} seals under the provider, which stays`)
  const provider = sealing && 'provider' in facts.columns ? await providerOf(writing, table, id) : undefined
  const values = seal(writing, facts, id, given, provider)
  const { changes } = await setOn(writing, table, id, values)
  if (changes === 0) throw new OortError('NOT_FOUND')
  await note(writing, facts, id, event)
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

/** The columns that a statement sets: those with a value in slots, null as it is. */
function settingOf(facts: TableFacts, given: Readonly<Record<string, unknown>>) {
  const names = Object.keys(given).filter((name) => given[name] !== undefined)
  return {
    shape: names.map((name) => (given[name] === null ? `${name} null` : name)).join(),
    values: Object.fromEntries(names.map((name) => [`set.${name}`, given[name]])),
    build: (): Record<string, unknown> =>
      Object.fromEntries(
        names.map((name) => [name, given[name] === null ? null : sql`${slot(column(facts, name), `set.${name}`)}`]),
      ),
  }
}

function setOn<T extends OwnedTable>(
  { db, userId }: Reading,
  table: T,
  id: RowId<T>,
  given: Readonly<Record<string, unknown>>,
) {
  const facts = factsOf(table)
  const set = settingOf(facts, given)
  const conditions = oneRow(table, userId, id)
  const statement = prepared(db, `update ${facts.name} ${set.shape}`, () =>
    db
      .update(table)
      .set(set.build() as never)
      .where(and(...conditions.build()))
      .prepare(),
  )
  return statement.execute({ ...set.values, ...conditions.values })
}

async function note(writing: Writing, facts: TableFacts, id: string, event: AuditEvent): Promise<void> {
  const { db, keyring, userId: subjectId, actor, now: ts } = writing
  await appendEvent(db, keyring, { subjectId, actor, event, target: { kind: facts.name, id }, ts })
}

/**
 * Replaces each named plain text by its four sealed columns, and null by four nulls. Members that are no business of
 * the caller are refused: the types keep them out, but a row may come from a parsed body.
 */
function seal(
  writing: Writing,
  facts: TableFacts,
  rowId: string,
  given: Readonly<Record<string, unknown>>,
  provider: unknown,
): Record<string, unknown> {
  const values = { ...given }
  const place = { id: rowId, userId: writing.userId, provider }
  for (const name of Object.keys(given)) {
    if (facts.sealed.includes(name)) continue
    const hidden =
      facts.columns[name] === undefined || facts.sealed.some((each) => sealedColumnsOf(each).includes(name))
    if (hidden || kept.has(name)) throw new TypeError(`${name} of ${facts.name} is not to be written`)
  }
  for (const name of facts.sealed) {
    const text = values[name]
    delete values[name]
    if (text === null) for (const part of sealedColumnsOf(name)) values[part] = null
    if (typeof text !== 'string') continue
    Object.assign(values, packSealed(name, writing.keyring.seal(text, contextOf(facts.name, name, place))))
  }
  return values
}

/** Given by the scope, and never changed. */
const kept = new Set(['id', 'userId', 'createdAt'])

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
