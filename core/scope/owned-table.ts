import { type Column, getTableColumns, getTableName } from 'drizzle-orm'
import type { AnySQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { AuditEvent, AuditedTable } from '../audit/events.ts'
import { type IdKind, idPrefixes } from '../ids.ts'
import type {
  apiKeys,
  billingAccounts,
  exports,
  knownDevices,
  mailTokens,
  passkeys,
  paymentEvents,
  providerKeys,
  recoveryCodes,
  runs,
  secondFactors,
  sessions,
  subscriptions,
} from '../store/schema.ts'
import { sealedColumnsOf, sealedNamesOf } from '../store/sealed-row.ts'

/** The tables whose rows belong to one user each. A table without `userId` cannot be listed: see tests/types. */
export type OwnedTable =
  | typeof sessions
  | typeof secondFactors
  | typeof passkeys
  | typeof recoveryCodes
  | typeof knownDevices
  | typeof mailTokens
  | typeof providerKeys
  | typeof apiKeys
  | typeof runs
  | typeof exports
  | typeof billingAccounts
  | typeof subscriptions
  | typeof paymentEvents

/** The kind of id that the rows of each table carry. */
const idKinds: Readonly<Record<string, IdKind>> = {
  sessions: 'session',
  second_factors: 'secondFactor',
  passkeys: 'passkey',
  recovery_codes: 'recoveryCode',
  known_devices: 'knownDevice',
  mail_tokens: 'mailToken',
  provider_keys: 'providerKey',
  api_keys: 'apiKey',
  runs: 'run',
  exports: 'export',
  billing_accounts: 'billingAccount',
  subscriptions: 'subscription',
  payment_events: 'paymentEvent',
}

type Select<T extends OwnedTable> = T['$inferSelect']
type Insert<T extends OwnedTable> = T['$inferInsert']

/** The names of the sealed values of a table: `secret` for the columns secretKeyVersion, secretIv, … */
export type SealedName<T extends OwnedTable> = keyof Select<T> extends infer K
  ? K extends `${infer N}KeyVersion`
    ? N
    : never
  : never

type SealedColumn<N extends string> = `${N}${'KeyVersion' | 'Iv' | 'Tag' | 'Ciphertext'}`

/** A sealed value that is null in some rows is optional on insert. */
type OptionalSealedName<T extends OwnedTable> = {
  [N in SealedName<T>]: null extends Select<T>[`${N}KeyVersion` & keyof Select<T>] ? N : never
}[SealedName<T>]

/** What may be read without a record of it. `secret` is not among them: opening it demands an audit event. */
export type ReadableName<T extends OwnedTable> = Exclude<SealedName<T>, 'secret'>

/** A row as code outside core meets it: no ciphertext, no hash. */
export type Row<T extends OwnedTable> = Omit<Select<T>, SealedColumn<SealedName<T>> | 'hash'>

export type RowId<T extends OwnedTable> = Select<T>['id']

/** What an insert names: neither id nor owner nor time of creation, and the sealed values as plain text. */
export type NewRow<T extends OwnedTable> = Omit<
  Insert<T>,
  'id' | 'userId' | 'createdAt' | SealedColumn<SealedName<T>>
> & { readonly [N in Exclude<SealedName<T>, OptionalSealedName<T>>]: string } & {
  readonly [N in OptionalSealedName<T>]?: string | null
}

/**
 * What an update may change: never the id, the owner or the time of creation, not even by way of a wider object. Nor
 * the provider, to which sealed values are bound.
 */
export type Patch<T extends OwnedTable> = Partial<NewRow<T>> & {
  readonly [K in 'id' | 'userId' | 'createdAt' | 'provider']?: never
}

/** The tables that note a time of last use or sight, or how far a long work has come. */
export type TouchedTable = typeof sessions | typeof apiKeys | typeof exports | typeof knownDevices

type Beat = 'lastUsedAt' | 'lastSeenAt' | 'progressAt' | 'rowsWritten' | 'bytesWritten'

/** What is noted as a matter of course and changes nothing for the user: the one write without an event. */
export type Heartbeat<T extends TouchedTable> = Pick<Select<T>, Extract<keyof Select<T>, Beat>> & {
  readonly [K in Exclude<keyof Select<T>, Beat>]?: never
}

export type EventOn<T extends OwnedTable> = AuditEvent<T['_']['name'] & AuditedTable>

/** Equality conditions by column; an array means any of its members. Sealed values cannot be compared. */
export type Where<T extends OwnedTable> = {
  readonly [K in keyof Row<T>]?: Row<T>[K] | readonly NonNullable<Row<T>[K]>[]
}

export interface TableFacts {
  readonly name: string
  readonly idKind: IdKind
  readonly columns: Readonly<Record<string, AnySQLiteColumn>>
  /** The columns that a Row holds. */
  readonly plain: Readonly<Record<string, AnySQLiteColumn>>
  readonly sealed: readonly string[]
  /** The columns that whoever writes a row may name. */
  readonly writable: ReadonlySet<string>
  /** What each column holds where a new row says nothing of it. */
  readonly blank: Readonly<Record<string, unknown>>
}

/** Given by the scope, and never changed. */
const kept = new Set(['id', 'userId', 'createdAt'])

const known = new WeakMap<SQLiteTable, TableFacts>()

/** What the scope needs to know of a table, found out once. */
export function factsOf(table: OwnedTable): TableFacts {
  const remembered = known.get(table)
  if (remembered !== undefined) return remembered
  const columns: Record<string, Column> = getTableColumns(table)
  const sealed = sealedNamesOf(table)
  const ciphered = new Set(sealed.flatMap(sealedColumnsOf))
  const hidden = new Set([...ciphered, 'hash'])
  const name = getTableName(table)
  const idKind = idKinds[name]
  if (idKind === undefined) throw new TypeError(`${name} has no kind of id among ${Object.keys(idPrefixes).join(', ')}`)
  const facts: TableFacts = {
    name,
    idKind,
    columns: columns as Record<string, AnySQLiteColumn>,
    plain: Object.fromEntries(Object.entries(columns).filter(([column]) => !hidden.has(column))) as Record<
      string,
      AnySQLiteColumn
    >,
    sealed,
    writable: new Set(Object.keys(columns).filter((name) => !ciphered.has(name) && !kept.has(name))),
    blank: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.default ?? null])),
  }
  known.set(table, facts)
  return facts
}
