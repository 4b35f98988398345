import type { DestinationStream } from 'pino'
import { keepCheckpoints } from './audit/keep-checkpoints.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { Keyring } from './crypto/keyring.ts'
import { createFaultReporter, type FaultReporter } from './faults/report-faults.ts'
import { type CallCounter, createCallCounter } from './http/call-counter.ts'
import { type Id, newId } from './ids.ts'
import { createLog, type Log } from './log.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import { unlockStore } from './store/unlock.ts'

/** What a function is given to work with. The store and the keys are behind it, out of a function's reach. */
export interface Platform {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly faults: FaultReporter
  /** Keeps count for rate limits, with all other processes on the database, whichever hosts they are on. */
  readonly calls: CallCounter
  /** This process, for the runs that it owns. */
  readonly instanceId: Id<'instance'>
  /**
   * Before it looked which keys there are, and not before those that it knows were made: by this the others tell whether it
   * knows of a newer one.
   */
  readonly startedAt: number
  /** See `Store.eraseTraces`. */
  eraseTraces: Store['eraseTraces']
  /** Finishes what is under way and lets go of the database. */
  close(): Promise<void>
}

export interface PlatformParts {
  readonly store: Store
  readonly keyring: Keyring
  readonly clock: Clock
}

const parts = new WeakMap<Platform, PlatformParts>()

/**
 * The parts behind a platform. For core alone: an architecture test refuses it in functions, which reach
 * rows through a scope and secrets through an audited `unseal`.
 */
export function insideOf(platform: Platform): PlatformParts {
  const found = parts.get(platform)
  if (found === undefined) throw new TypeError('not a platform made by createPlatform')
  return found
}

/**
 * Opens the database and its keys. Throws ConfigError for a master key that is not this database's, PragmaError or
 * MigrationError for a database that cannot be trusted.
 */
export async function createPlatform(
  config: Config,
  options: { readonly clock?: Clock; readonly logTo?: DestinationStream; readonly calls?: CallCounter } = {},
): Promise<Platform> {
  const clock = options.clock ?? systemClock
  const began = clock()
  const { byokMasterKey: current, byokMasterKeyPrevious: previous } = config.secrets
  const store = await openStore(config)
  try {
    const secrets = previous === undefined ? { current } : { current, previous }
    const { keyring, knownSince } = await unlockStore(store, secrets, clock())
    const startedAt = Math.max(began, knownSince)
    const log = createLog(config, options.logTo)
    const faults = createFaultReporter(config, { clock, log })
    if (previous !== undefined && keyring.versions.length === 1) {
      log.warn('BYOK_MASTER_KEY_PREVIOUS is retired and opens nothing: remove it')
    }
    const checkpoints = keepCheckpoints({ store, keyring, clock, log })
    const platform: Platform = {
      config,
      clock,
      log,
      faults,
      calls: store.callCounter?.(clock) ?? options.calls ?? createCallCounter(clock),
      instanceId: newId('instance'),
      startedAt,
      eraseTraces: (of) => store.eraseTraces(of),
      async close() {
        await checkpoints.finish()
        await faults.close()
        await store.close()
      },
    }
    parts.set(platform, { store, keyring, clock })
    return platform
  } catch (error) {
    await store.close()
    throw error
  }
}
