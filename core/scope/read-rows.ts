import { and, desc, eq, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { type AnySQLiteColumn, alias } from 'drizzle-orm/sqlite-core'
import { contextOf } from '../crypto/context-of.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { fixedLimit, limitSlot, prepared, slot } from '../store/prepared.ts'
import { runs, runTerms } from '../store/schema.ts'
import { sealedColumnsOf, unpackOptionalSealed } from '../store/sealed-row.ts'
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
  const where = { id: demandId(table, id) } as unknown as Where<T>
  const [row] = await listRows(reading, table, { where, limit: 1, open })
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
  const { db, userId } = reading
  const { before, limit, open = [] } = options
  if (options.terms !== undefined && facts.name !== 'runs') throw new TypeError(`${facts.name} has no search terms`)
  const terms = await rarestFirst(reading, options.terms ?? [])
  const conditions = conditionsOf(facts, userId, options.where)
  const shape = `list ${facts.name} ${open} ${conditions.shape} ${before === undefined ? '' : 'before'} ${terms.length}`
  const statement = prepared(db, shape, () => {
    const base =
      terms.length === 0 ? db.select(selection(facts, open)).from(table) : withTerms(db, facts, open, terms.length)
    const id = terms.length === 0 ? column(facts, 'id') : runTerms.runId
    const older = before === undefined ? undefined : lt(id, slot(id, 'before'))
    return base
      .where(and(...conditions.build(), older, ...haveTerms(terms.length)))
      .orderBy(desc(id))
      .limit(limitSlot('limit'))
      .prepare()
  })
  const named = Object.fromEntries(terms.map((term, index) => [`term.${index}`, term]))
  const rows = await statement.execute({ ...conditions.values, ...named, before, limit })
  return rows.map((row) => openRow(reading, facts, row as unknown as Raw, open) as OpenedRow<T, N>)
}

/** How many rows of the owner meet the conditions. */
export async function countRows<T extends OwnedTable>(reading: Reading, table: T, where?: Where<T>): Promise<number> {
  const facts = factsOf(table)
  const { db } = reading
  const conditions = conditionsOf(facts, reading.userId, where)
  const statement = prepared(db, `count ${facts.name} ${conditions.shape}`, () =>
    db
      .select({ count: sql<number>`count(*)` })
      .from(table)
      .where(and(...conditions.build()))
      .prepare(),
  )
  const [row] = await statement.execute(conditions.values)
  return row?.count ?? 0
}

/** Conditions of a statement that is prepared for their shape. */
export interface Conditions {
  readonly shape: string
  /** What goes into the slots. */
  readonly values: Readonly<Record<string, unknown>>
  build(): SQL[]
}

/** The conditions that name one row of the owner, and those that it has to meet beside. */
export function oneRow<T extends OwnedTable>(table: T, userId: UserId, id: RowId<T>, where?: Where<T>): Conditions {
  return conditionsOf(factsOf(table), userId, { ...where, id: demandId(table, id) })
}

/** An id that is none must not widen the condition to all of the owner's rows. */
function demandId<T extends OwnedTable>(table: T, id: RowId<T>): RowId<T> {
  if (typeof id !== 'string' || id === '') throw new TypeError(`${factsOf(table).name} has no row without an id`)
  return id
}

/** The owner's conditions, always with the owner first. */
function conditionsOf(facts: TableFacts, userId: UserId, where: object = {}): Conditions {
  const wanted = Object.entries(where)
  const values: Record<string, unknown> = { 'where.userId': userId }
  const shape: string[] = []
  for (const [name, value] of wanted) {
    if (value === undefined) throw new TypeError(`the condition on ${name} is undefined`)
    if (Array.isArray(value)) for (const [index, each] of value.entries()) values[`where.${name}.${index}`] = each
    else if (value !== null) values[`where.${name}`] = value
    shape.push(`${name}${shapeOf(value)}`)
  }
  return {
    shape: shape.join(),
    values,
    build: () => [
      eq(column(facts, 'userId'), slot(column(facts, 'userId'), 'where.userId')),
      ...wanted.map(([name, value]) => conditionOn(column(facts, name), name, value)),
    ],
  }
}

function shapeOf(value: unknown): string {
  if (value === null) return ' is null'
  return Array.isArray(value) ? ` in ${value.length}` : ''
}

function conditionOn(at: AnySQLiteColumn, name: string, value: unknown): SQL {
  if (value === null) return isNull(at)
  if (!Array.isArray(value)) return eq(at, slot(at, `where.${name}`))
  return inArray(
    at,
    value.map((_, index) => slot(at, `where.${name}.${index}`)),
  )
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
    for (const part of sealedColumnsOf(name)) columns[part] = column(facts, part)
  }
  return columns
}

function openRow(reading: Reading, facts: TableFacts, raw: Raw, open: readonly string[]): unknown {
  const row: Record<string, unknown> = {}
  for (const name of Object.keys(facts.plain)) row[name] = raw[name]
  const place = { id: raw.id, userId: reading.userId, provider: raw['provider'] }
  for (const name of open) {
    const sealed = unpackOptionalSealed(raw as never, name)
    row[name] = sealed === null ? null : reading.keyring.openText(sealed, contextOf(facts.name, name, place))
  }
  return row
}

/** Whether a term is common is known after so many runs. */
const countedRuns = 1_000

/** The term with the fewest runs is the one to walk. */
async function rarestFirst({ db, userId }: Reading, terms: readonly Buffer[]): Promise<readonly Buffer[]> {
  if (terms.length < 2) return terms
  const statement = prepared(db, 'count term', () => {
    const mine = and(
      eq(runTerms.userId, slot(runTerms.userId, 'userId')),
      eq(runTerms.term, slot(runTerms.term, 'term')),
    )
    const some = db
      .select({ runId: runTerms.runId })
      .from(runTerms)
      .where(mine)
      .limit(fixedLimit(countedRuns))
      .as('some')
    return db.select({ count: sql<number>`count(*)` }).from(some).prepare()
  })
  const counted: { readonly term: Buffer; readonly count: number }[] = []
  for (const term of terms) {
    const [row] = await statement.execute({ userId, term })
    counted.push({ term, count: row?.count ?? 0 })
  }
  return counted.sort((a, b) => a.count - b.count).map(({ term }) => term)
}

const others = (count: number) =>
  Array.from({ length: Math.max(0, count - 1) }, (_, index) => ({
    name: `term.${index + 1}`,
    table: alias(runTerms, `other_${index + 1}`),
  }))

/**
 * Walks the newest entries of the first term and looks the others up, so that a page costs the same in a long history.
 * CROSS JOIN, since SQLite keeps the order of one; of an inner join it makes what it guesses to be cheaper, and walks
 * all the user's runs. Source: https://www.sqlite.org/optoverview.html#crossjoin
 */
function withTerms(db: Db, facts: TableFacts, open: readonly string[], count: number) {
  let query = db.select(selection(facts, open)).from(runTerms).$dynamic()
  for (const { table } of others(count)) query = query.crossJoin(table)
  return query.crossJoin(runs)
}

/** What ties the joined tables together. */
function haveTerms(count: number): readonly (SQL | undefined)[] {
  if (count === 0) return []
  const hasTerm = (table: typeof runTerms, name: string) =>
    and(eq(table.userId, slot(table.userId, 'where.userId')), eq(table.term, slot(table.term, name)))
  return [
    hasTerm(runTerms, 'term.0'),
    eq(runs.id, runTerms.runId),
    ...others(count).flatMap(({ table, name }) => [
      hasTerm(table as unknown as typeof runTerms, name),
      eq(table.runId, runTerms.runId),
    ]),
  ]
}
