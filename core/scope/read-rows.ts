import { and, desc, eq, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { type AnySQLiteColumn, alias } from 'drizzle-orm/sqlite-core'
import type { Keyring } from '../crypto/keyring.ts'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { runs, runTerms } from '../store/schema.ts'
import { unpackOptionalSealed } from '../store/sealed-row.ts'
import type { Db } from '../store/store.ts'
import {
  factsOf,
  type OwnedTable,
  type ReadableName,
  type Row,
  type RowId,
  type TableFacts,
  type Where,
} from './owned-table.ts'

/** What reading takes: which side of the store, whose rows, and the keys. */
export interface Reading {
  readonly db: Db
  readonly userId: UserId
  readonly keyring: Keyring
}

export interface ListOptions<T extends OwnedTable, N extends ReadableName<T>> {
  readonly where?: Where<T>
  /** Only rows older than this one: the cursor of the page. */
  readonly before?: RowId<T>
  readonly limit: number
  /** Sealed values to open, by name. */
  readonly open?: readonly N[]
  /** For runs: only those whose prompt holds all of these terms (see core/runs/search-terms.ts). */
  readonly terms?: readonly Buffer[]
}

/** A row with the named sealed values opened; null where there is none. */
export type OpenedRow<T extends OwnedTable, N extends string> = Row<T> & { readonly [K in N]: string | null }

type Raw = Readonly<Record<string, unknown>> & { readonly id: string }

/** The owner's row with this id. A foreign row answers like a missing one. Throws NOT_FOUND. */
export async function findRow<T extends OwnedTable, N extends ReadableName<T> = never>(
  reading: Reading,
  table: T,
  id: RowId<T>,
  open: readonly N[] = [],
): Promise<OpenedRow<T, N>> {
  const [row] = await listRows(reading, table, { where: { id } as unknown as Where<T>, limit: 1, open })
  if (row === undefined) throw new OortError('NOT_FOUND')
  return row
}

/** The owner's rows, newest first. */
export async function listRows<T extends OwnedTable, N extends ReadableName<T> = never>(
  reading: Reading,
  table: T,
  options: ListOptions<T, N>,
): Promise<OpenedRow<T, N>[]> {
  const facts = factsOf(table)
  const open = options.open ?? []
  const conditions = conditionsOf(facts, reading.userId, options.where)
  const [first, ...others] = options.terms ?? []
  const rows =
    first === undefined
      ? await reading.db
          .select(selection(facts, open))
          .from(table)
          .where(and(...conditions, olderThan(column(facts, 'id'), options.before)))
          .orderBy(desc(column(facts, 'id')))
          .limit(options.limit)
      : await withTerms(reading, selection(facts, open), others)
          .where(
            and(
              eq(runTerms.userId, reading.userId),
              eq(runTerms.term, first),
              olderThan(runTerms.runId, options.before),
              ...conditions,
            ),
          )
          .orderBy(desc(runTerms.runId))
          .limit(options.limit)
  return rows.map((row) => openRow(reading, facts, row as unknown as Raw, open) as OpenedRow<T, N>)
}

/** How many rows of the owner meet the conditions. */
export async function countRows<T extends OwnedTable>(reading: Reading, table: T, where?: Where<T>): Promise<number> {
  const facts = factsOf(table)
  const [row] = await reading.db
    .select({ count: sql<number>`count(*)` })
    .from(table)
    .where(and(...conditionsOf(facts, reading.userId, where)))
  return row?.count ?? 0
}

/** The owner's conditions, always with the owner first. */
export function conditionsOf(facts: TableFacts, userId: UserId, where: object = {}): SQL[] {
  const conditions = [eq(column(facts, 'userId'), userId)]
  for (const [name, wanted] of Object.entries(where)) {
    if (wanted === undefined) continue
    const at = column(facts, name)
    if (wanted === null) conditions.push(isNull(at))
    else conditions.push(Array.isArray(wanted) ? inArray(at, wanted) : eq(at, wanted))
  }
  return conditions
}

/** A column by its name; an unknown name is a mistake in the code, never a condition that is left out. */
export function column(facts: TableFacts, name: string) {
  const found = facts.columns[name]
  if (found === undefined) throw new TypeError(`${facts.name} has no column ${name}`)
  return found
}

function selection(facts: TableFacts, open: readonly string[]) {
  const columns = { ...facts.plain }
  for (const name of open) {
    for (const part of ['KeyVersion', 'Iv', 'Tag', 'Ciphertext']) columns[name + part] = column(facts, name + part)
  }
  return columns
}

function openRow(reading: Reading, facts: TableFacts, raw: Raw, open: readonly string[]): unknown {
  const row: Record<string, unknown> = {}
  for (const name of Object.keys(facts.plain)) row[name] = raw[name]
  for (const name of open) {
    const sealed = unpackOptionalSealed(raw as never, name)
    row[name] =
      sealed === null
        ? null
        : reading.keyring.openText(sealed, sealContext(facts, name, reading.userId, raw.id, raw['provider']))
  }
  return row
}

/** What a sealed value is bound to: it opens nowhere else. */
export function sealContext(facts: TableFacts, name: string, userId: UserId, rowId: string, provider: unknown) {
  const place = { table: facts.name, column: name, rowId, userId }
  return typeof provider === 'string' ? { ...place, provider } : place
}

function olderThan(id: AnySQLiteColumn, before: string | undefined): SQL | undefined {
  return before === undefined ? undefined : lt(id, before)
}

/** Walks the newest entries of the first term and looks the others up, so that a page costs the same in a long history. */
function withTerms(reading: Reading, columns: TableFacts['plain'], others: readonly Buffer[]) {
  let query = reading.db.select(columns).from(runTerms).innerJoin(runs, eq(runs.id, runTerms.runId)).$dynamic()
  others.forEach((term, index) => {
    const other = alias(runTerms, `other_${index}`)
    query = query.innerJoin(
      other,
      and(eq(other.userId, reading.userId), eq(other.term, term), eq(other.runId, runTerms.runId)),
    )
  })
  return query
}
