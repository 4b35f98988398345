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
import { createTransactions } from './transactions.ts'
import { refuseUnfinishedMove } from './unfinished-move.ts'

/** Connections of each side, at most. A transaction needs one for a few milliseconds. */
const connections = { writing: 10, reading: 6 }
/**
 * The server ends a statement that takes too long. `answer` is for a server or a network that says nothing more: longer
 * than a statement may take, and shorter than a unit of work may.
 */
const patienceMs = { connecting: 5_000, statement: 10_000, answer: 12_000, idleInTransaction: 20_000, lock: 5_000 }

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
  const writing = openPool(pg.Pool, { ...connection, max: connections.writing, application_name: 'oort' }, finelyLocked)
  const reading = openPool(
    pg.Pool,
    { ...connection, max: connections.reading, application_name: 'oort reading' },
    'default_transaction_read_only = on',
  )
  const transactions = createTransactions(writing)
  return {
    folder,
    read: postgresDb(reading, postgresFailure),
    write: (unit, about) => transactions.run(unit, { about }),
    alone: (unit, tables) => transactions.run(unit, { first: [aloneLock, ...holdStill(tables)].join(';') }),
    get waiting() {
      return transactions.waiting
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
      await transactions.drain()
      if (!writing.ending) await Promise.all([writing.end(), reading.end()])
    },
  }
}

/** Taken before the first look, so that what is seen holds until the end. The mode keeps out writers and lets readers be. */
function holdStill(tables: readonly SQLiteTable[] = []): readonly string[] {
  return tables.map((table) => `LOCK TABLE "${getTableName(table)}" IN SHARE ROW EXCLUSIVE MODE`)
}

function openPool(PoolOfDriver: typeof Pool, options: PoolConfig, setting: string): Pool {
  const pool = new PoolOfDriver({
    ...options,
    query_timeout: patienceMs.answer,
    onConnect: async (client) => {
      await client.query(
        `SET ROLE ${functionsRole}; SET ${setting};
         SET statement_timeout = ${patienceMs.statement}; SET lock_timeout = ${patienceMs.lock};
         SET idle_in_transaction_session_timeout = ${patienceMs.idleInTransaction}`,
      )
    },
  })
  // Of a connection that was lost: the pool forgets it and makes another, and who uses it is told by its statement.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}
