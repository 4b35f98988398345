import { setTimeout as sleep } from 'node:timers/promises'
import { and, asc, lt, or, sql } from 'drizzle-orm'
import { appendEvent } from '../audit/append-event.ts'
import { type Actor, houseSubject } from '../audit/events.ts'
import { OortError } from '../errors.ts'
import { insideOf, type Platform } from '../platform.ts'
import { type IdRange, idRanges, isWithin } from './id-ranges.ts'
import { isSilent } from './instances.ts'
import { retireVersion, storedVersions } from './key-versions.ts'
import { resealRows, type Unopened } from './reseal-rows.ts'
import { instances } from './schema.ts'
import { type SealedTable, sealedTables } from './sealed-tables.ts'
import type { Db } from './store.ts'

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
  /** So many rows, or 4 MiB of them, share a unit at most, which keeps others from writing for some milliseconds. */
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
  let rows = 0
  const unopened: Unopened[] = []
  for (const sealedTable of sealedTables()) {
    for await (const range of idRanges(store.read, sealedTable)) {
      for (let { after } = range; ; await sleep(pauseMs)) {
        const ids = await olderIds(store.read, sealedTable, { version, range: { ...range, after }, limit: batchRows })
        if (!hasOne(ids)) break
        const resealed = await store.alone((db) => resealRows(db, keyring, sealedTable, ids), [sealedTable.table])
        after = resealed.upTo
        rows += resealed.rows
        unopened.push(...resealed.unopened)
        onRows?.(resealed.rows)
      }
    }
  }
  // Looked for outside the lock, under which a look at everything would keep others waiting for too long.
  const retired = (await hasOlder(store.read, version)) ? [] : await retireOlder(platform, actor, rows)
  return { version, rows, unopened, retired, bytesErased: await store.eraseTraces() }
}

/**
 * Retires the versions under which nothing is sealed. Nothing more will be: under the lock no process is there that would,
 * and none starts with their keys alone.
 */
function retireOlder(platform: Platform, actor: Actor, rows: number): Promise<readonly number[]> {
  const { store, keyring, clock } = insideOf(platform)
  const { currentVersion: version } = keyring
  return store.alone(async (db) => {
    await demandNewcomers(db, version, clock())
    const old = (await storedVersions(db)).filter((each) => each.version < version && each.root !== null)
    for (const each of old) {
      await retireVersion(db, each.version)
      const target = { kind: 'key_versions', id: String(each.version) }
      const event = { type: 'key_version.rekeyed', rows } as const
      await appendEvent(db, keyring, { subjectId: houseSubject, actor, event, target, ts: clock() })
    }
    return old.map((each) => each.version)
  })
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
  return or(...values.map(({ keyVersion }) => lt(keyVersion, version)))
}

/** The first of these rows that hold a value of an older version, in the order of their ids. */
async function olderIds(
  db: Db,
  sealedTable: SealedTable,
  { version, range, limit }: { readonly version: number; readonly range: IdRange; readonly limit: number },
): Promise<readonly string[]> {
  const { table, id, values } = sealedTable
  const lengths = values.map(({ ciphertext }) => sql`coalesce(length(${ciphertext}), 0)`)
  const rows = await db
    .select({ id: sql<string>`${id}`, bytes: sql<number>`${sql.join(lengths, sql` + `)}` })
    .from(table)
    .where(and(isWithin(id, range), isOlder(sealedTable, version)))
    .orderBy(asc(id))
    .limit(limit)
  let bytes = 0
  const tooMany = rows.findIndex((row, index) => {
    bytes += row.bytes
    return index > 0 && bytes > batchBytes
  })
  return rows.slice(0, tooMany === -1 ? rows.length : tooMany).map((row) => row.id)
}

function hasOne(ids: readonly string[]): ids is readonly [string, ...string[]] {
  return ids.length > 0
}

async function hasOlder(db: Db, version: number): Promise<boolean> {
  for (const sealedTable of sealedTables()) {
    for await (const range of idRanges(db, sealedTable)) {
      const found = await olderIds(db, sealedTable, { version, range, limit: 1 })
      if (found.length > 0) return true
    }
  }
  return false
}
