import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { OortError } from '../../errors.ts'
import { channels } from '../../telemetry/channels.ts'
import { asStep } from '../../telemetry/steps.ts'
import type { Db } from '../store.ts'
import { within } from '../within.ts'
import { createTurns } from './in-turn.ts'
import { postgresDb } from './postgres-db.ts'
import { hasLostConnection, hasMetAnother, postgresFailure } from './postgres-failure.ts'

export interface TransactionLimits {
  /** How many units may wait; more are turned away, since each holds memory and none would be answered in time. */
  readonly queue: number
  /** How long a unit may run, in milliseconds. */
  readonly unitMs: number
  /** For how long a unit that meets others is run again, in milliseconds. */
  readonly retryMs: number
}

export const standardLimits: TransactionLimits = { queue: 16_384, unitMs: 15_000, retryMs: 10_000 }

/** Milliseconds before the second attempt; twice as long before each further one, and by chance up to twice that. */
const firstPauseMs = 4
const longestPauseMs = 250

export interface How {
  readonly about?: string | undefined
  readonly first?: string
}

export interface Transactions {
  /**
   * Runs one unit of work in a serialisable transaction and answers when it is committed. One that meets another is
   * run again. Units `about` the same thing, which would meet, go one after another in this process. `first` is said to
   * the server before the unit begins.
   * Throws what the unit threw, STORE_UNAVAILABLE when the server cannot serve it, INTERNAL for a unit that does not come
   * to an end, SHUTTING_DOWN after `drain`. Where the connection is lost while it commits, STORE_UNAVAILABLE may be
   * said of a unit that is done.
   * Source: https://www.postgresql.org/docs/current/transaction-iso.html#XACT-SERIALIZABLE
   */
  run<T>(unit: (db: Db) => Promise<T>, how?: How): Promise<T>
  /** How many units wait or are under way. */
  readonly waiting: number
  /** Refuses further units and answers when those under way are done. */
  drain(): Promise<void>
}

/** Transactions on the connections of `pool`. */
export function createTransactions(pool: Pool, limits: TransactionLimits = standardLimits): Transactions {
  const dbs = new WeakMap<PoolClient, Db>()
  const underWay = new Set<Promise<unknown>>()
  const inTurn = createTurns()
  let closed = false

  /** What is prepared on a connection stays with it. */
  function dbOn(client: PoolClient): Db {
    const db = dbs.get(client) ?? postgresDb(client, (error) => error)
    dbs.set(client, db)
    return db
  }

  async function attempt<T>(unit: (db: Db) => Promise<T>, first: string | undefined): Promise<T> {
    const client = await pool.connect()
    const lent = Proxy.revocable(dbOn(client), {})
    let broken: Error | undefined
    try {
      await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE')
      if (first !== undefined) await client.query(first)
      // Before anything else is said: what a unit left running would come after the end of the transaction.
      const value = await within(limits.unitMs, unit(lent.proxy)).finally(lent.revoke)
      const { command } = await client.query('COMMIT')
      // A unit that goes on after a refusal has undone everything, and no error says so.
      if (command !== 'COMMIT') throw new OortError('INTERNAL', {}, new Error('a unit went on after a refusal'))
      return value
    } catch (error) {
      if (error instanceof Error && hasLostConnection(error)) broken = error
      else {
        await client.query('ROLLBACK').catch((failure: Error) => {
          broken = failure
        })
      }
      throw error
    } finally {
      client.release(broken)
    }
  }

  async function persist<T>(unit: (db: Db) => Promise<T>, first: string | undefined): Promise<T> {
    const began = performance.now()
    const deadline = began + limits.retryMs
    const tell = (committed: boolean): void => {
      const seconds = (performance.now() - began) / 1_000
      channels.groupEnded.tell({ committed, units: 1, waiting: pool.waitingCount, seconds })
    }
    for (let attempts = 1; ; attempts += 1) {
      try {
        const value = await attempt(unit, first)
        tell(true)
        return value
      } catch (error) {
        const met = hasMetAnother(error)
        if ((met === 'yes' && performance.now() < deadline) || (met === 'perhaps' && attempts === 1)) {
          await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts - 1)) * (1 + Math.random()))
          continue
        }
        tell(false)
        throw postgresFailure(error)
      }
    }
  }

  return {
    run(unit, { about, first } = {}) {
      if (closed) return Promise.reject(new OortError('SHUTTING_DOWN', { retryAfter: 5 }))
      if (underWay.size >= limits.queue) {
        return Promise.reject(new OortError('STORE_UNAVAILABLE', { retryAfter: 1 }))
      }
      const done = asStep('commit', () => inTurn(about, () => persist(unit, first)))
      underWay.add(done)
      const settle = () => underWay.delete(done)
      done.then(settle, settle)
      return done
    },
    get waiting() {
      return underWay.size
    },
    async drain() {
      closed = true
      await Promise.allSettled([...underWay])
    },
  }
}
