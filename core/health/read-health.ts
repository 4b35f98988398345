import { join } from 'node:path'
import { count, inArray } from 'drizzle-orm'
import { checkpointFile, checkpointKey } from '../audit/checkpoint.ts'
import { readLastCheckpoint } from '../audit/read-checkpoints.ts'
import type { Keyring } from '../crypto/keyring.ts'
import type { Id } from '../ids.ts'
import { ownInstanceOf } from '../own-instance.ts'
import { insideOf, type Platform } from '../platform.ts'
import type { AdminScope } from '../scope/admin-scope.ts'
import { countByVersion } from '../store/count-by-version.ts'
import { listInstances } from '../store/instances.ts'
import { runs } from '../store/schema.ts'
import type { Db, StoreMeasures } from '../store/store.ts'
import { version } from '../version.ts'

/** How the house is, in numbers. Sizes are bytes, times milliseconds since the epoch. */
export interface Health {
  readonly version: string
  readonly database: DatabaseHealth
  /** The versions of the master key that this process holds, and those under which values are sealed, newest first. */
  readonly keyVersions: readonly KeyVersion[]
  readonly instances: readonly { readonly id: Id<'instance'>; readonly host: string; readonly pid: number }[]
  readonly runsUnderWay: number
  readonly lastCheckpoint: { readonly n: number; readonly ts: number; readonly rows: number } | null
  readonly configured: { readonly mail: boolean; readonly payments: boolean }
}

export interface DatabaseHealth extends StoreMeasures {
  /** Units of work that wait to be written by this process. */
  readonly waiting: number
}

export interface KeyVersion {
  readonly version: number
  readonly state: 'current' | 'previous' | 'unknown'
  /** Sealed values of all tables. */
  readonly values: number
}

/** Looks everything over. `_admin` is the caller's proof of being an administrator. Costs a pass over sealed tables. */
export async function readHealth(platform: Platform, _admin: AdminScope): Promise<Health> {
  const { config } = platform
  const { store, keyring, clock } = insideOf(platform)
  const all = await listInstances(store, ownInstanceOf(platform), clock())
  const last = readLastCheckpoint(join(store.folder, checkpointFile), checkpointKey(keyring))
  return {
    version,
    database: { ...(await store.measure()), waiting: store.waiting },
    keyVersions: await readKeyVersions(store.read, keyring),
    instances: all.filter(({ dead }) => !dead).map(({ id, host, pid }) => ({ id, host, pid })),
    runsUnderWay: await countRuns(store.read),
    lastCheckpoint: last === undefined ? null : { n: last.n, ts: last.ts, rows: last.rows },
    configured: { mail: config.mail.smtpUrl !== undefined, payments: config.payments !== undefined },
  }
}

async function readKeyVersions(db: Db, keyring: Keyring): Promise<KeyVersion[]> {
  const values = new Map(keyring.versions.map((held) => [held, 0]))
  for (const each of await countByVersion(db)) {
    values.set(each.version, (values.get(each.version) ?? 0) + each.count)
  }
  const stateOf = (held: number): KeyVersion['state'] => {
    if (held === keyring.currentVersion) return 'current'
    return keyring.versions.includes(held) ? 'previous' : 'unknown'
  }
  return [...values]
    .map(([held, count]) => ({ version: held, state: stateOf(held), values: count }))
    .sort((a, b) => b.version - a.version)
}

async function countRuns(db: Db): Promise<number> {
  const [open] = await db
    .select({ runs: count() })
    .from(runs)
    .where(inArray(runs.state, ['queued', 'streaming']))
  return open?.runs ?? 0
}
