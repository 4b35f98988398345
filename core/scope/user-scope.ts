import type { Actor, AuditEvent } from '../audit/events.ts'
import type { Clock } from '../clock.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import type { Db, Pace, Store } from '../store/store.ts'
import { type ErasedAccount, eraseAccount } from './erase-account.ts'
import { fenced } from './fence.ts'
import { forgetAnswers } from './forget-answers.ts'
import { putBehind } from './inside-transaction.ts'
import type {
  EventOn,
  Heartbeat,
  NewRow,
  OwnedTable,
  Patch,
  ReadableName,
  Row,
  RowId,
  SealedName,
  TouchedTable,
  Where,
} from './owned-table.ts'
import {
  type Profile,
  type ProfilePatch,
  readPasswordHash,
  readProfile,
  recordEvent,
  updateProfile,
} from './profile.ts'
import { type AuditOptions, type AuditRecord, type ChainEntry, readAudit, readChain } from './read-audit.ts'
import { countRows, findRow, type ListOptions, listRows, type OpenedRow, type Reading } from './read-rows.ts'
import {
  deleteRow,
  type InsertOptions,
  insertRow,
  touchRow,
  unsealValue,
  updateRow,
  updateRowWhile,
  type Writing,
} from './write-rows.ts'

/** Reads of one user's own rows. Every method adds the owner to its condition; none can be told to leave it out. */
export interface ScopedReads {
  readonly userId: UserId
  /** The account. Throws NOT_FOUND when it was deleted. */
  profile(): Promise<Profile>
  passwordHash(): Promise<string>
  /** One row by id. A foreign row answers like a missing one: NOT_FOUND. `open` names sealed values to decrypt. */
  find<T extends OwnedTable, N extends ReadableName<T> = never>(
    table: T,
    id: RowId<T>,
    open?: readonly N[],
  ): Promise<OpenedRow<T, N>>
  /** Rows, newest first. */
  list<T extends OwnedTable, N extends ReadableName<T> = never>(
    table: T,
    options: ListOptions<T, N>,
  ): Promise<OpenedRow<T, N>[]>
  count<T extends OwnedTable>(table: T, where?: Where<T>): Promise<number>
  /** The user's own audit log, newest first. */
  audit(options: AuditOptions): Promise<AuditRecord[]>
  /** The user's own audit chain with its links, oldest first. */
  chain(page: { readonly after: number; readonly limit: number }): Promise<ChainEntry[]>
}

/** One transaction on one user's rows. Every change names the event that the audit log keeps of it. */
export interface UserTransaction extends ScopedReads {
  insert<T extends OwnedTable>(table: T, row: NewRow<T>, event: EventOn<T>, options?: InsertOptions<T>): Promise<Row<T>>
  /** Throws NOT_FOUND, for a foreign row as for a missing one. */
  update<T extends OwnedTable>(table: T, id: RowId<T>, patch: Patch<T>, event: EventOn<T>): Promise<void>
  /** Changes the row if it still meets `where`; answers whether it did. Where it did not, nothing happens. */
  updateWhile<T extends OwnedTable>(
    table: T,
    id: RowId<T>,
    where: Where<T>,
    patch: Patch<T>,
    event: EventOn<T>,
  ): Promise<boolean>
  /** Throws NOT_FOUND, for a foreign row as for a missing one. */
  delete<T extends OwnedTable>(table: T, id: RowId<T>, event: EventOn<T>): Promise<void>
  /** Opens a secret, and writes down that it was opened. Throws NOT_FOUND. */
  unseal<T extends OwnedTable>(table: T, id: RowId<T>, name: SealedName<T>, event: EventOn<T>): Promise<string>
  /** Changes the account; answers its epoch after the change. */
  updateProfile(patch: ProfilePatch, event: AuditEvent<'users'>): Promise<number>
  /** Appends an event that changes no row. */
  record(event: AuditEvent<'users'>): Promise<void>
  /** Removes the account and all that it owns. */
  eraseAccount(): Promise<ErasedAccount>
  /** Wipes what was kept to answer repetitions of the requests that led to a run begun at `startedAt`. */
  forgetAnswers(startedAt: number): Promise<void>
}

/** The only door to rows that belong to a user: reads, and writes that leave an audit event. */
export interface UserScope extends ScopedReads {
  readonly actor: Actor
  /**
   * Runs a unit of work in one transaction; answers when it is on disk. Do database work alone inside it, and wait for
   * each operation: a unit that leaves one behind is rolled back. Where a request is behind the scope, whoever made it is
   * asked for once more at first: UNAUTHENTICATED, ACCOUNT_SUSPENDED. For `pace` see `Store.write`.
   */
  write<T>(unit: (tx: UserTransaction) => Promise<T>, pace?: Pace): Promise<T>
  /** As `write`, for the end of what was begun in time: that is written down, although its caller has no right any more. */
  conclude<T>(unit: (tx: UserTransaction) => Promise<T>): Promise<T>
  /** Notes a time of last use or sight, or progress: the one write that is too small for an event. */
  touch<T extends TouchedTable>(table: T, id: RowId<T>, times: Heartbeat<T>): Promise<void>
}

export interface ScopeParts {
  readonly store: Store
  readonly keyring: Keyring
  readonly clock: Clock
}

/** Throws unless whoever acts may act still. It is asked within each transaction. */
export type DemandRight = (db: Db) => Promise<void>

/**
 * A scope on the rows of `userId`, for `actor`. Give it out only for a user whose identity was proven, and with
 * `demandRight` where that proof may be withdrawn before the scope is used.
 */
export function createUserScope(parts: ScopeParts, userId: UserId, actor: Actor, demandRight?: DemandRight): UserScope {
  const { store, keyring, clock } = parts
  if (userId === '') throw new OortError('INTERNAL')
  const writeAs = <T>(demand: DemandRight | undefined, unit: (tx: UserTransaction) => Promise<T>, pace?: Pace) =>
    store.write(
      async (db) => {
        await demand?.(db)
        const writing = { db, userId, keyring, actor, now: clock() }
        return await fenced(operations(writing), (tx) => unit(putBehind(tx, writing)))
      },
      userId,
      pace,
    )
  return {
    actor,
    ...scopedReads({ db: store.read, userId, keyring }),
    write: (unit, pace) => writeAs(demandRight, unit, pace),
    conclude: (unit) => writeAs(undefined, unit),
    touch: (table, id, times) => store.write((db) => touchRow({ db, userId, keyring }, table, id, times)),
  }
}

function scopedReads(reading: Reading): ScopedReads {
  return {
    userId: reading.userId,
    profile: () => readProfile(reading),
    passwordHash: () => readPasswordHash(reading),
    find: (table, id, open) => findRow(reading, table, id, open),
    list: (table, options) => listRows(reading, table, options),
    count: (table, where) => countRows(reading, table, where),
    audit: (options) => readAudit(reading, options),
    chain: (page) => readChain(reading, page),
  }
}

function operations(writing: Writing): UserTransaction {
  return {
    ...scopedReads(writing),
    insert: (table, row, event, options) => insertRow(writing, table, row, event, options),
    update: (table, id, patch, event) => updateRow(writing, table, id, patch, event),
    updateWhile: (table, id, where, patch, event) => updateRowWhile(writing, table, id, where, patch, event),
    delete: (table, id, event) => deleteRow(writing, table, id, event),
    unseal: (table, id, name, event) => unsealValue(writing, table, id, name as never, event),
    updateProfile: (patch, event) => updateProfile(writing, patch, event),
    record: async (event) => void (await recordEvent(writing, event)),
    forgetAnswers: (startedAt) => forgetAnswers(writing, startedAt),
    eraseAccount: () => eraseAccount(writing),
  }
}
