import { setTimeout as sleep } from 'node:timers/promises'
import { and, asc, eq, gt, inArray, ne, or, sql } from 'drizzle-orm'
import { appendEvent } from '../audit/append-event.ts'
import { type Actor, houseSubject } from '../audit/events.ts'
import { contextOf, type SealedPlace } from '../crypto/context-of.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { OortError } from '../errors.ts'
import { insideOf, type Platform } from '../platform.ts'
import { isSilent } from './instances.ts'
import { retireVersion, storedVersions } from './key-versions.ts'
import { instances } from './schema.ts'
import { packSealed, sealedColumnsOf, unpackOptionalSealed } from './sealed-row.ts'
import { type SealedTable, sealedTables } from './sealed-tables.ts'
import type { Db } from './store.ts'

/** Where a value lies that does not open: only ids and names. */
export interface Unopened {
  readonly table: string
  readonly value: string
  readonly id: string
}

export interface RekeyReceipt {
  /** The version under which everything is sealed now. */
  readonly version: number
  /** Rows that were sealed anew. */
  readonly rows: number
  /** Values that no key opens, and that stay as they are. While there are any, no version is retired. */
  readonly unopened: readonly Unopened[]
  /** The versions that open nothing any more, and are refused from now on. */
  readonly retired: readonly number[]
  /** See `Store.eraseTraces`. */
  readonly bytesErased: boolean
}

export interface RekeyOptions {
  /** Hears how many rows each batch sealed anew. */
  readonly onRows?: (rows: number) => void
  /** So many rows, or 4 MiB of them, share a unit, which keeps others from writing for some milliseconds. */
  readonly batchRows?: number
}

const batchBytes = 4_194_304
/** Between two batches others write. Another process looks for its chance every 5 ms (see writer.ts). */
const pauseMs = 10

/**
 * Seals every value of the database anew under the current version of the master key, then retires the older versions,
 * with an event in the house's chain for each. Reads and writes go on meanwhile. Each batch reads, seals and writes its
 * rows in one transaction, so that no change gets lost; it may be killed at any point and begun again, since each value
 * tells its own version.
 *
 * Throws CONFLICT while a process runs that was started before the current version was made: it would go on sealing
 * under the old one, and could not open the new.
 */
export async function rekey(
  platform: Platform,
  actor: Actor,
  { onRows, batchRows = 200 }: RekeyOptions = {},
): Promise<RekeyReceipt> {
  const { store, keyring, clock } = insideOf(platform)
  const { currentVersion: version } = keyring
  await demandNewcomers(store.read, version, clock())
  const everySealed = sealedTables().map(({ table }) => table)
  let rows = 0
  const unopened: Unopened[] = []
  for (const sealedTable of sealedTables()) {
    let after = ''
    for (;;) {
      const ids = await nextIds(store.read, sealedTable, { version, after, limit: batchRows })
      const last = ids.at(-1)
      if (last === undefined) break
      const resealed = await store.alone((db) => resealRows(db, keyring, sealedTable, ids), [sealedTable.table])
      after = last
      rows += resealed.rows
      unopened.push(...resealed.unopened)
      onRows?.(resealed.rows)
      await sleep(pauseMs)
    }
  }
  const retired = await store.alone(async (db) => {
    if (await hasOlder(db, version)) return []
    await demandNewcomers(db, version, clock())
    const old = (await storedVersions(db)).filter((each) => each.version !== version && each.root !== null)
    for (const each of old) {
      await retireVersion(db, each.version)
      const target = { kind: 'key_versions', id: String(each.version) }
      const event = { type: 'key_version.rekeyed', rows } as const
      await appendEvent(db, keyring, { subjectId: houseSubject, actor, event, target, ts: clock() })
    }
    return old.map((each) => each.version)
  }, everySealed)
  return { version, rows, unopened, retired, bytesErased: await store.eraseTraces() }
}

/** Throws CONFLICT for a living process that cannot know the version. */
async function demandNewcomers(db: Db, version: number, now: number): Promise<void> {
  const made = (await storedVersions(db)).find((each) => each.version === version)
  const running = (await db.select().from(instances)).filter((instance) => !isSilent(instance, now))
  const old = running.find(({ startedAt }) => startedAt < (made?.createdAt ?? 0))
  if (old === undefined) return
  const detail = `Process ${old.pid} on ${old.host} was started before the new master key: start it again with both keys.`
  throw new OortError('CONFLICT', { detail })
}

function isOlder({ values }: SealedTable, version: number) {
  return or(...values.map(({ keyVersion }) => ne(keyVersion, version)))
}

/** The next rows that hold a value of another version, in the order of their ids. */
async function nextIds(
  db: Db,
  sealedTable: SealedTable,
  { version, after, limit }: { readonly version: number; readonly after: string; readonly limit: number },
): Promise<readonly string[]> {
  const { table, id, values } = sealedTable
  const lengths = values.map(({ ciphertext }) => sql`coalesce(length(${ciphertext}), 0)`)
  const rows = await db
    .select({ id: sql<string>`${id}`, bytes: sql<number>`${sql.join(lengths, sql` + `)}` })
    .from(table)
    .where(and(gt(id, after), isOlder(sealedTable, version)))
    .orderBy(asc(id))
    .limit(limit)
  let bytes = 0
  const tooMany = rows.findIndex((row, index) => {
    bytes += row.bytes
    return index > 0 && bytes > batchBytes
  })
  return rows.slice(0, tooMany === -1 ? rows.length : tooMany).map((row) => row.id)
}

async function hasOlder(db: Db, version: number): Promise<boolean> {
  for (const sealedTable of sealedTables()) {
    const found = await db
      .select({ id: sealedTable.id })
      .from(sealedTable.table)
      .where(isOlder(sealedTable, version))
      .limit(1)
    if (found.length > 0) return true
  }
  return false
}

/** Seals the rows as they are at this moment. One that is gone meanwhile, or was sealed anew by others, is left alone. */
async function resealRows(
  db: Db,
  keyring: Keyring,
  sealedTable: SealedTable,
  ids: readonly string[],
): Promise<{ readonly rows: number; readonly unopened: readonly Unopened[] }> {
  const { table, name, id, values } = sealedTable
  const found = await db
    .select()
    .from(table)
    .where(inArray(id, [...ids]))
  const update = updateOf(db, sealedTable)
  const unopened: Unopened[] = []
  let rows = 0
  for (const row of found as (SealedPlace & object)[]) {
    const resealed: Record<string, unknown> = { ...row }
    let changed = false
    for (const value of values) {
      const sealed = unpackOptionalSealed(row as never, value.name)
      if (sealed === null || sealed.keyVersion === keyring.currentVersion) continue
      const context = contextOf(name, value.name, row)
      try {
        Object.assign(resealed, packSealed(value.name, keyring.seal(keyring.open(sealed, context), context)))
        changed = true
      } catch (error) {
        if (!(error instanceof OortError && error.code === 'DECRYPTION_FAILED')) throw error
        unopened.push({ table: name, value: value.name, id: row.id })
      }
    }
    if (!changed) continue
    await update.execute(resealed)
    rows += 1
  }
  return { rows, unopened }
}

/** Sets the sealed columns of a row and no other. Built once for a batch, which is most of its cost. */
function updateOf(db: Db, { table, id, values }: SealedTable) {
  const columns = values.flatMap(({ name }) => sealedColumnsOf(name))
  const set = Object.fromEntries(columns.map((column) => [column, sql`${sql.placeholder(column)}`]))
  return db
    .update(table)
    .set(set as never)
    .where(eq(id, sql.placeholder('id')))
    .prepare()
}
