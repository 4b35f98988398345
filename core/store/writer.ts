import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { OortError } from '../errors.ts'
import { isBusy, storeFailure } from './store-failure.ts'

interface Waiting<Db> {
  readonly run: (db: Db) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

interface Settled {
  readonly settle: () => void
}

const largestGroup = 128
const busyRetryMs = 20
const busyTries = 250

/** A queue in front of the one writing connection. */
export interface Writer<Db> {
  /**
   * Runs one unit of work in a transaction and answers when it is on disk. The unit does database work and nothing
   * else: the whole queue waits for it. A unit that throws is rolled back alone.
   * Throws what the unit threw, or STORE_UNAVAILABLE when the transaction cannot begin or commit.
   */
  write<T>(unit: (db: Db) => Promise<T>): Promise<T>
  /** Refuses further units and answers when those that wait are done. */
  drain(): Promise<void>
}

/**
 * Group commit: all units that wait when the connection is free share one BEGIN IMMEDIATE and one COMMIT, so one
 * flush to disk serves them all; each runs in a SAVEPOINT of its own. BEGIN IMMEDIATE takes the write lock at once:
 * a deferred transaction that upgrades later fails with SQLITE_BUSY whatever the timeout.
 * Source: https://www.sqlite.org/lang_transaction.html
 */
export function createWriter<Db>(connection: Database, db: Db): Writer<Db> {
  const begin = connection.prepare('BEGIN IMMEDIATE')
  const commit = connection.prepare('COMMIT')
  const rollback = connection.prepare('ROLLBACK')
  const savepoint = connection.prepare('SAVEPOINT unit')
  const release = connection.prepare('RELEASE unit')
  const rollbackUnit = connection.prepare('ROLLBACK TO unit')

  let queue: Waiting<Db>[] = []
  let working: Promise<void> | undefined
  let closed = false

  async function beginWhenFree(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        begin.run()
        return
      } catch (error) {
        if (!isBusy(error) || tries === busyTries) throw error
        await sleep(busyRetryMs)
      }
    }
  }

  async function runUnit({ run, resolve, reject }: Waiting<Db>): Promise<Settled> {
    savepoint.run()
    try {
      const value = await run(db)
      release.run()
      return { settle: () => resolve(value) }
    } catch (error) {
      // A full disk can make SQLite roll back the whole transaction by itself: then there is no savepoint left.
      if (!connection.inTransaction) throw error
      rollbackUnit.run()
      release.run()
      return { settle: () => reject(storeFailure(error)) }
    }
  }

  async function runGroup(group: readonly Waiting<Db>[]): Promise<void> {
    try {
      await beginWhenFree()
      const settled: Settled[] = []
      for (const waiting of group) settled.push(await runUnit(waiting))
      commit.run()
      for (const { settle } of settled) settle()
    } catch (error) {
      if (connection.inTransaction) rollback.run()
      for (const { reject } of group) reject(storeFailure(error))
    }
  }

  async function work(): Promise<void> {
    // One turn of the event loop lets requests that arrived together join one group.
    await new Promise(setImmediate)
    while (queue.length > 0) {
      const group = queue.slice(0, largestGroup)
      queue = queue.slice(largestGroup)
      await runGroup(group)
    }
    working = undefined
  }

  return {
    write<T>(unit: (db: Db) => Promise<T>): Promise<T> {
      if (closed) return Promise.reject(new OortError('SHUTTING_DOWN', { retryAfter: 5 }))
      return new Promise<T>((resolve, reject) => {
        queue.push({ run: unit, resolve: resolve as (value: unknown) => void, reject })
        working ??= work()
      })
    },
    async drain() {
      closed = true
      await working
    },
  }
}
