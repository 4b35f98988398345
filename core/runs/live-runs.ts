import { OortError } from '../errors.ts'
import type { RunId, UserId } from '../ids.ts'
import { perPlatform } from '../per-platform.ts'

/** Runs of one user that may be under way in one process at once: above any person, below what would starve others. */
const mostLiveRuns = 64

/** A run that is under way in this process. */
export interface LiveRun {
  readonly id: RunId
  readonly userId: UserId
  /** Aborted with an OortError, whose code says why the run ended. */
  readonly signal: AbortSignal
  /** Ends the run; after the first call nothing. */
  abort(reason: OortError): void
  /** Resolves when the run's last word is in the database and it is no longer live. */
  readonly settled: Promise<void>
  /** For the executor alone: takes the run out of the registry. Its end may be written down later. */
  leave(written?: Promise<void>): void
}

/** The runs under way in this process. */
export interface LiveRuns {
  /**
   * Makes room for runs before anything is written. Throws RATE_LIMITED when the user would have more than
   * `mostLiveRuns`, SHUTTING_DOWN while the process stops.
   */
  enter(userId: UserId, ids: readonly RunId[]): readonly LiveRun[]
  find(id: RunId): LiveRun | undefined
  /** Whether the run is under way here, or is over and its end is still to be written down. */
  holds(id: RunId): boolean
  /** The runs under way. */
  ids(): readonly RunId[]
  /** The users whose runs are under way. */
  owners(): readonly UserId[]
  /** Ends all runs of a user and resolves when they are settled. */
  abortAllOf(userId: UserId): Promise<void>
  /** Admits no more runs, gives those under way `patience` milliseconds, then ends them as interrupted. */
  stop(patience: number): Promise<void>
}

/** The one registry of a platform. */
export const liveRunsOf = perPlatform(createLiveRuns)

function createLiveRuns(): LiveRuns {
  const live = new Map<RunId, LiveRun>()
  const unwritten = new Set<RunId>()
  const byUser = new Map<UserId, Set<LiveRun>>()
  let stopping = false

  const add = (id: RunId, userId: UserId): LiveRun => {
    const controller = new AbortController()
    const { promise: settled, resolve } = Promise.withResolvers<void>()
    const mine = byUser.get(userId) ?? new Set()
    byUser.set(userId, mine)
    const run: LiveRun = {
      id,
      userId,
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      settled,
      leave(written) {
        live.delete(id)
        if (written !== undefined) {
          unwritten.add(id)
          void written.finally(() => unwritten.delete(id))
        }
        mine.delete(run)
        if (mine.size === 0 && byUser.get(userId) === mine) byUser.delete(userId)
        resolve()
      },
    }
    live.set(id, run)
    mine.add(run)
    return run
  }

  return {
    enter(userId, ids) {
      if (stopping) throw new OortError('SHUTTING_DOWN', { retryAfter: 5 })
      if ((byUser.get(userId)?.size ?? 0) + ids.length > mostLiveRuns) {
        throw new OortError('RATE_LIMITED', {
          detail: `At most ${mostLiveRuns} runs can be under way at once.`,
          retryAfter: 1,
        })
      }
      return ids.map((id) => add(id, userId))
    },
    find: (id) => live.get(id),
    holds: (id) => live.has(id) || unwritten.has(id),
    owners: () => [...byUser.keys()],
    ids: () => [...live.keys()],
    async abortAllOf(userId) {
      const mine = [...(byUser.get(userId) ?? [])]
      for (const run of mine) run.abort(new OortError('RUN_CANCELLED'))
      await Promise.all(mine.map(({ settled }) => settled))
    },
    async stop(patience) {
      stopping = true
      const waiting = Promise.all([...live.values()].map(({ settled }) => settled))
      const timer = setTimeout(() => {
        for (const run of live.values()) run.abort(new OortError('SHUTTING_DOWN', { retryAfter: 5 }))
      }, patience)
      await waiting
      clearTimeout(timer)
    },
  }
}
