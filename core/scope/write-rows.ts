import { and } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { appendEvent } from '../audit/append-event.ts'
import type { Actor, AuditEvent } from '../audit/events.ts'
import { OortError } from '../errors.ts'
import { newId, type RunId } from '../ids.ts'
import { searchTerms } from '../runs/search-terms.ts'
import { runTerms } from '../store/schema.ts'
import { packSealed, unpackOptionalSealed } from '../store/sealed-row.ts'
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
import { column, conditionsOf, type Reading, sealContext } from './read-rows.ts'

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
  const [inserted] = await writing.db
    .insert(table as SQLiteTable)
    .values(values)
    .returning(facts.plain)
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
  const provider = sealing && 'provider' in facts.columns ? await providerOf(writing, table, id) : undefined
  const values = seal(writing, facts, id, given, provider)
  const { changes } = await writing.db
    .update(table)
    .set(values as never)
    .where(and(...conditionsOf(facts, writing.userId, { id })))
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
  const { changes } = await writing.db.delete(table).where(and(...conditionsOf(facts, writing.userId, { id })))
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
  const facts = factsOf(table)
  await reading.db
    .update(table)
    .set(times as never)
    .where(and(...conditionsOf(facts, reading.userId, { id })))
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
  const [row] = await writing.db
    .select()
    .from(table)
    .where(and(...conditionsOf(facts, writing.userId, { id })))
  const sealed = row === undefined ? null : unpackOptionalSealed(row as never, name)
  if (row === undefined || sealed === null) throw new OortError('NOT_FOUND')
  const provider = 'provider' in row ? row.provider : undefined
  const text = writing.keyring.openText(sealed, sealContext(facts, name, writing.userId, id, provider))
  await note(writing, facts, id, event)
  return text
}

async function note(writing: Writing, facts: TableFacts, id: string, event: AuditEvent): Promise<void> {
  const { db, keyring, userId: subjectId, actor, now: ts } = writing
  await appendEvent(db, keyring, { subjectId, actor, event, target: { kind: facts.name, id }, ts })
}

/** Replaces each named plain text by its four sealed columns. */
function seal(
  writing: Writing,
  facts: TableFacts,
  rowId: string,
  given: Readonly<Record<string, unknown>>,
  provider: unknown,
): Record<string, unknown> {
  const values = { ...given }
  for (const name of facts.sealed) {
    const text = values[name]
    delete values[name]
    if (typeof text !== 'string') continue
    const sealed = writing.keyring.seal(text, sealContext(facts, name, writing.userId, rowId, provider))
    Object.assign(values, packSealed(name, sealed))
  }
  return values
}

async function providerOf<T extends OwnedTable>(writing: Writing, table: T, id: RowId<T>): Promise<unknown> {
  const facts = factsOf(table)
  const [row] = await writing.db
    .select({ provider: column(facts, 'provider') })
    .from(table)
    .where(and(...conditionsOf(facts, writing.userId, { id })))
  if (row === undefined) throw new OortError('NOT_FOUND')
  return row.provider
}

async function indexRun(writing: Writing, runId: RunId, text: string): Promise<void> {
  const { db, keyring, userId } = writing
  const rows = searchTerms(keyring, userId, text).map((term) => ({ userId, term, runId }))
  if (rows.length > 0) await db.insert(runTerms).values(rows)
}
