import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { OortError } from '../../errors.ts'
import { channels } from '../../telemetry/channels.ts'
import { asStep } from '../../telemetry/steps.ts'
import { isBusy, storeFailure } from '../store-failure.ts'
import { within } from '../within.ts'

interface Waiting<Db> {
  readonly run: (db: Db) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** Tells a caller what became of its unit, once the group is on disk. */
type Answer = () => void

export interface WriterLimits {
  /** How many units may share a commit. */
  readonly group: number
  /** How many units may wait; more are turned away, since each holds memory and none would be answered in time. */
  readonly queue: number
  /** How long a unit may run, in milliseconds. Database work takes microseconds: longer means that it waits for something else. */
  readonly unitMs: number
  /** How long to try for the lock that another process holds, in milliseconds. */
  readonly lockMs: number
}

const standardLimits: WriterLimits = { group: 128, queue: 16_384, unitMs: 5_000, lockMs: 10_000 }
const lockRetryMs = 5
/** For how many turns of the event loop a group gathers, at most. */
const mostTurns = 8

/** A queue in front of the one writing connection. */
export interface Writer<Db> {
  /**
   * Runs one unit of work in a transaction and answers when it is on disk. The unit does database work and nothing
   * else: the whole queue waits for it. A unit that throws is rolled back alone; its `db` is dead once it has ended.
   * Throws what the unit threw, STORE_UNAVAILABLE when the transaction cannot begin or commit or too many units wait,
   * INTERNAL for a unit that does not come to an end, SHUTTING_DOWN after `drain`.
   */
  write<T>(unit: (db: Db) => Promise<T>): Promise<T>
  /** How many units wait for their turn. */
  readonly waiting: number
  /** Refuses further units and answers when those that wait are done. */
  drain(): Promise<void>
}

/**
 * Group commit: all units that wait when the connection is free share one BEGIN IMMEDIATE and one COMMIT, so one
 * flush to disk serves them all; each runs in a SAVEPOINT of its own. BEGIN IMMEDIATE takes the write lock at once:
 * a deferred transaction that upgrades later fails with SQLITE_BUSY whatever the timeout.
 * Source: https://www.sqlite.org/lang_transaction.html
 */
export function createWriter<Db extends object>(
  connection: Database,
  db: Db,
  { group: largestGroup, queue: longestQueue, unitMs, lockMs }: WriterLimits = standardLimits,
): Writer<Db> {
  const begin = connection.prepare('BEGIN IMMEDIATE')
  const commit = connection.prepare('COMMIT')
  const rollback = connection.prepare('ROLLBACK')
  const savepoint = connection.prepare('SAVEPOINT unit')
  const release = connection.prepare('RELEASE unit')
  const rollbackUnit = connection.prepare('ROLLBACK TO unit')

  const queue: Waiting<Db>[] = []
  let working: Promise<void> | undefined
  let closed = false
  let lastGroup = 1

  /** Tries again by itself instead of in SQLite's busy handler, which would hold up the event loop. */
  async function beginWhenFree(): Promise<void> {
    const deadline = performance.now() + lockMs
    for (;;) {
      try {
        // Left over only where an earlier ROLLBACK failed.
        if (connection.inTransaction) rollback.run()
        begin.run()
        return
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error
        await sleep(lockRetryMs)
      }
    }
  }

  /** Must not throw: the queue would stand still for ever. */
  function abandon(): void {
    try {
      if (connection.inTransaction) rollback.run()
    } catch {
      // Tried again before the next group begins.
    }
  }

  async function runUnit({ run, resolve, reject }: Waiting<Db>): Promise<Answer> {
    savepoint.run()
    const lent = Proxy.revocable(db, {})
    try {
      const value = await within(unitMs, run(lent.proxy))
      release.run()
      return () => resolve(value)
    } catch (error) {
      // A full disk can make SQLite roll back the whole transaction by itself: then there is no savepoint left.
      if (!connection.inTransaction) throw error
      rollbackUnit.run()
      release.run()
      return () => reject(storeFailure(error))
    } finally {
      // What a unit left running would write into the savepoint of another.
      lent.revoke()
    }
  }

  async function runGroup(group: readonly Waiting<Db>[]): Promise<void> {
    const began = performance.now()
    const tell = (committed: boolean): void => {
      const seconds = (performance.now() - began) / 1_000
      channels.groupEnded.tell({ committed, units: group.length, waiting: queue.length, seconds })
    }
    try {
      await beginWhenFree()
      const answers: Answer[] = []
      for (const waiting of group) answers.push(await runUnit(waiting))
      commit.run()
      tell(true)
      for (const answer of answers) answer()
    } catch (error) {
      tell(false)
      for (const { reject } of group) reject(storeFailure(error))
      abandon()
    }
  }

  async function work(): Promise<void> {
    while (queue.length > 0) {
      // Requests that arrive one after the other join one group, and others are heard in between. As many turns as the
      // last group had units: who is alone waits for nobody, and of many each pays for less of a commit.
      for (let turns = Math.min(mostTurns, lastGroup); turns > 0; turns -= 1) await nextTurn()
      const group = queue.splice(0, largestGroup)
      lastGroup = group.length
      await runGroup(group)
    }
    working = undefined
  }

  return {
    write<T>(unit: (db: Db) => Promise<T>): Promise<T> {
      if (closed) return Promise.reject(new OortError('SHUTTING_DOWN', { retryAfter: 5 }))
      if (queue.length >= longestQueue) return Promise.reject(new OortError('STORE_UNAVAILABLE', { retryAfter: 1 }))
      const onDisk = () =>
        new Promise<T>((resolve, reject) => {
          queue.push({ run: unit, resolve: resolve as (value: unknown) => void, reject })
          working ??= work()
        })
      return asStep('commit', onDisk)
    },
    get waiting() {
      return queue.length
    },
    async drain() {
      closed = true
      await working
    },
  }
}
