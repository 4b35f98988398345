import { mkdirSync } from 'node:fs'
import { getTableName } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Pool, PoolConfig } from 'pg'
import { migrationsOf } from '../migrations-folder.ts'
import type { Store } from '../store.ts'
import { connectOwner } from './connect-owner.ts'
import { countCalls } from './count-calls.ts'
import { databaseBytes } from './database-bytes.ts'
import { demandSettings, readSettings } from './demand-settings.ts'
import { functionsRole } from './functions-role.ts'
import { migratePostgres } from './migrate-postgres.ts'
import { numberTypes } from './number-types.ts'
import { postgresDb } from './postgres-db.ts'
import { postgresFailure } from './postgres-failure.ts'
import { createTransactions, standardLimits } from './transactions.ts'
import { refuseUnfinishedMove } from './unfinished-move.ts'

/** Connections of each side, at most. A transaction needs one for a few milliseconds, but for the few that are long. */
const connections = { writing: 10, long: 4, reading: 6 }

const patienceMs = { connecting: 5_000, idleInTransaction: 20_000, lock: 5_000 }
/**
 * The server ends a statement that takes too long. `answer` is for a server or a network that says nothing more: longer
 * than a statement may take, and shorter than a unit of work may.
 */
const briefMs = { statement: 10_000, answer: 12_000 }
/** Of one that counts on having much to do. Whoever waits for it is answered before Caddy gives up (see Caddyfile). */
const longMs = { statement: 780_000, answer: 800_000, unit: 820_000 }

/**
 * Reading a whole table, which is what the planner would do with a small one, makes a serialisable transaction meet all
 * that write to it. Source: https://www.postgresql.org/docs/current/transaction-iso.html#XACT-SERIALIZABLE
 */
const finelyLocked = 'enable_seqscan = off'

/** Held by one at a time of those that write to a folder together. Any number that nobody else takes. */
const aloneLock = 'SELECT pg_advisory_xact_lock(7011051)'

/**
 * Opens the database at `url`, checks that what it commits stays, and brings its schema up to date. Every connection
 * that functions use is in a role that can neither change the schema nor touch what the audit log holds, and those of
 * the reading side can write nothing. Witnesses are kept in `folder`.
 * Throws UnreachableError, and MigrationError or SettingsError for a database that must not be used.
 */
export async function openPostgres(url: string, folder: string): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Here alone, so that who keeps to SQLite does not load it.
  const { default: pg } = await import('pg')
  const connection = {
    connectionString: url,
    connectionTimeoutMillis: patienceMs.connecting,
    types: numberTypes(pg),
    keepAlive: true,
  }
  const owner = await connectOwner(url, 'schema')
  try {
    await demandSettings(owner)
    await migratePostgres(owner, migrationsOf('postgres'))
    await refuseUnfinishedMove(owner)
  } finally {
    await owner.end()
  }
  const open = (name: string, max: number, setting: string, patience = briefMs) =>
    openPool(pg.Pool, { ...connection, max, application_name: name }, setting, patience)
  const writing = open('oort', connections.writing, finelyLocked)
  const long = open('oort long', connections.long, finelyLocked, longMs)
  const reading = open('oort reading', connections.reading, 'default_transaction_read_only = on')
  const transactions = createTransactions(writing)
  const longOnes = createTransactions(long, { ...standardLimits, unitMs: longMs.unit, retryMs: longMs.statement })
  return {
    folder,
    read: postgresDb(reading, postgresFailure),
    write: (unit, about, pace = 'brief') => (pace === 'brief' ? transactions : longOnes).run(unit, { about }),
    alone: (unit, tables) => transactions.run(unit, { first: [aloneLock, ...holdStill(tables)].join(';') }),
    get waiting() {
      return transactions.waiting + longOnes.waiting
    },
    callCounter: (clock) => countCalls(writing, clock),
    // Old rows lie in its files until VACUUM has been over them, and in its log until that is recycled.
    eraseTraces: async () => false,
    async measure() {
      const bytes = await databaseBytes(reading)
      const settings = await readSettings(writing).catch(() => null)
      return { engine: 'postgres', bytes, walBytes: null, diskFreeBytes: null, settings }
    },
    async close() {
      await Promise.all([transactions.drain(), longOnes.drain()])
      if (!writing.ending) await Promise.all([writing.end(), long.end(), reading.end()])
    },
  }
}

/** Taken before the first look, so that what is seen holds until the end. The mode keeps out writers and lets readers be. */
function holdStill(tables: readonly SQLiteTable[] = []): readonly string[] {
  return tables.map((table) => `LOCK TABLE "${getTableName(table)}" IN SHARE ROW EXCLUSIVE MODE`)
}

function openPool(PoolOfDriver: typeof Pool, options: PoolConfig, setting: string, patience: typeof briefMs): Pool {
  const pool = new PoolOfDriver({
    ...options,
    query_timeout: patience.answer,
    onConnect: async (client) => {
      await client.query(
        `SET ROLE ${functionsRole}; SET ${setting};
         SET statement_timeout = ${patience.statement}; SET lock_timeout = ${patienceMs.lock};
         SET idle_in_transaction_session_timeout = ${patienceMs.idleInTransaction}`,
      )
    },
  })
  // Of a connection that was lost: the pool forgets it and makes another, and who uses it is told by its statement.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}
