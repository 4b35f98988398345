import { join } from 'node:path'
import { checkpointFile, checkpointKey } from '../../audit/checkpoint.ts'
import { describeVerdict } from '../../audit/describe-verdict.ts'
import { readCheckpoints } from '../../audit/read-checkpoints.ts'
import { type Verdict, verifyChains } from '../../audit/verify-chain.ts'
import { unlockKeyring } from '../../crypto/unlock-keyring.ts'
import type { ProcessName } from '../instances.ts'
import { storedVersions } from '../key-versions.ts'
import { dropMoveNote, readMoveNote } from '../postgres/unfinished-move.ts'
import { isMoved, markMoved, refuseMoved } from '../sqlite/moved-mark.ts'
import type { Db } from '../store.ts'
import { type Compared, compareTable } from './compare-table.ts'
import { copyTable } from './copy-table.ts'
import { demandFree } from './demand-free.ts'
import { demandHeads } from './demand-heads.ts'
import { fitsIndex } from './fits-index.ts'
import { lookOver } from './look-over.ts'
import { MoveError } from './move-error.ts'
import { type Beginning, prepareTarget } from './prepare-target.ts'
import { findLiving, refuseLiving } from './refuse-living.ts'
import { openSource, type Source } from './source.ts'
import { movedTables } from './table-shape.ts'
import { connectTarget, type Target } from './target.ts'

export interface MoveOrder {
  readonly dataDir: string
  /** The address of the target, by the owner of its schema. */
  readonly to: string
  readonly secrets: { readonly current: string; readonly previous: string | undefined }
}

/** Told how far it has come: what is done next to how many rows, and how many of them are done. */
export interface MoveWatch {
  readonly begin: (doing: 'looked over' | 'copied' | 'compared', rows: number) => void
  readonly add: (rows: number) => void
}

export interface Inspected {
  readonly place: string
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  /** Processes that have to be stopped before it can begin. */
  readonly living: readonly ProcessName[]
}

export interface Moved {
  readonly place: string
  readonly beginning: Beginning
  readonly tables: readonly Compared[]
  /** Rows that this attempt copied. */
  readonly copied: number
  readonly chain: Verdict
}

/** Looks whether a database can be moved, beside a running Oort, and changes nothing. Throws MoveError with what speaks against it. */
export function inspectMove(order: MoveOrder, watch: MoveWatch): Promise<Inspected> {
  return between(order, false, async (source, target) => {
    await demandFree(target, source.identity, Date.now())
    await demandSound(source.read, order)
    await look(source, target, watch)
    const tables = movedTables.map((table) => ({ table: table.name, rows: source.count(table) }))
    return { place: target.place, tables, living: await findLiving(source.read, Date.now()) }
  })
}

/**
 * Moves the SQLite database of a data folder to PostgreSQL and marks the folder, so that no later start serves from it.
 * Nobody can write to it meanwhile. Whatever ends it before, the folder is served as before and the target is not; begun
 * again, it goes on where it was. Values stay sealed as they are.
 * Throws MoveError, ConfigError for a master key that is not this database's, StoreMovedError where it was done already.
 */
export function moveToPostgres(order: MoveOrder, watch: MoveWatch): Promise<Moved> {
  return between(order, true, async (source, target) => {
    await refuseLiving(source.read, order.dataDir, Date.now())
    await demandFree(target, source.identity, Date.now())
    await demandSound(source.read, order)
    const fingerprint = await look(source, target, watch)
    const beginning = await prepareTarget(target, { source: source.identity, fingerprint })

    watch.begin('copied', countAll(source) - (await countCopied(target)))
    let copied = 0
    for (const table of movedTables) copied += await copyTable(source, target.client, table, watch.add)
    await target.client.query(`ANALYZE ${tablesInSql}`)

    return inTransaction(target, async () => {
      watch.begin('compared', countAll(source))
      const tables: Compared[] = []
      for (const table of movedTables) tables.push(await compareTable(source, target.client, table, watch.add))
      await demandHeads(target.client)
      const chain = await demandSound(target.read, order)
      await target.client.query(numberOn)
      await dropMoveNote(target.client)
      // A crash leaves the target noted as unfinished, and so never both to be served, until the commit after these.
      markMoved(order.dataDir, target.place, Date.now())
      source.fence()
      return { place: target.place, beginning, tables, copied, chain }
    })
  })
}

const tablesInSql = movedTables.map(({ name }) => `public.${name}`).join()

/** Entries to come are numbered on from the highest. */
const numberOn = `SELECT setval(pg_get_serial_sequence('public.audit_events', 'rowid'), max(rowid)) FROM public.audit_events
  HAVING max(rowid) IS NOT NULL`

async function between<T>(order: MoveOrder, alone: boolean, work: (source: Source, target: Target) => Promise<T>) {
  const source = openSource(order.dataDir, alone)
  try {
    const target = await connectTarget(order.to)
    try {
      // Marked, and not finished there: the last step of an earlier attempt is to be done still.
      if (isMoved(order.dataDir) && (await readMoveNote(target.client)) === undefined) refuseMoved(order.dataDir)
      return await work(source, target)
    } catch (error) {
      throw target.explain(error)
    } finally {
      await target.client.end()
    }
  } finally {
    source.close()
  }
}

/** Nobody writes to the target meanwhile. */
async function inTransaction<T>({ client }: Target, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  try {
    await client.query(`LOCK TABLE ${tablesInSql} IN SHARE MODE`)
    const value = await work()
    await client.query('COMMIT')
    return value
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

function look(source: Source, { client }: Target, watch: MoveWatch): Promise<string> {
  watch.begin('looked over', countAll(source))
  return lookOver(source, (table, row, index) => fitsIndex(client, table, row, index), watch.add)
}

function countAll(source: Source): number {
  return movedTables.reduce((sum, table) => sum + source.count(table), 0)
}

async function countCopied({ client }: Target): Promise<number> {
  const counts = movedTables.map(({ name }) => `SELECT count(*) AS rows FROM public.${name}`)
  const { rows } = await client.query<{ rows: number }>(
    `SELECT sum(rows) AS rows FROM (${counts.join(' UNION ALL ')}) AS each`,
  )
  return rows[0]?.rows ?? 0
}

/** The master key opens it, and its log holds. Throws ConfigError or MoveError. */
async function demandSound(read: Db, { dataDir, secrets }: MoveOrder): Promise<Verdict> {
  const { keyring } = unlockKeyring(secrets, await storedVersions(read))
  const checkpoints = await readCheckpoints(join(dataDir, checkpointFile), checkpointKey(keyring))
  const verdict = await verifyChains(read, keyring, checkpoints)
  if (!verdict.intact) throw new MoveError(`The audit log does not verify: ${describeVerdict(verdict)}.`)
  return verdict
}
