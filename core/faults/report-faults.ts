import { randomBytes } from 'node:crypto'
import { type Clock, second } from '../clock.ts'
import type { Config } from '../config.ts'
import type { OortError } from '../errors.ts'
import type { Log } from '../log.ts'
import { faultEvent, isFault, type Occurrence } from './fault-event.ts'
import type { FaultTransport } from './sentry-transport.ts'

/** Tells whoever looks after an instance of faults in it, where they asked for that. */
export interface FaultReporter {
  /** Reports an error that is a fault of ours; passes over any other. Never throws and never waits. */
  report(error: OortError, occurrence: Occurrence): void
  /** Waits for the reports under way, for two seconds at most. */
  close(): Promise<void>
}

export interface FaultParts {
  readonly clock: Clock
  readonly log: Log
}

/** Without `SENTRY_DSN` nothing is reported, and not a line of Sentry's is loaded. */
export function createFaultReporter(
  { faultReports, environment }: Pick<Config, 'faultReports' | 'environment'>,
  { clock, log }: FaultParts,
): FaultReporter {
  if (faultReports === undefined) return { report: () => undefined, close: async () => undefined }
  let loaded: Promise<FaultTransport> | undefined
  const underWay = new Set<Promise<void>>()

  const load = async (): Promise<FaultTransport> => {
    const { createFaultTransport } = await import('./sentry-transport.ts')
    return createFaultTransport(faultReports.dsn)
  }
  const send = async (event: ReturnType<typeof faultEvent>): Promise<void> => {
    loaded ??= load()
    await (await loaded).send(event)
  }

  return {
    report(error, occurrence) {
      if (!isFault(error)) return
      const eventId = randomBytes(16).toString('hex')
      const sending = send(faultEvent(error, occurrence, { now: clock(), eventId, environment }))
        .catch((failure: unknown) => log.warn({ err: failure }, 'a fault could not be reported'))
        .finally(() => underWay.delete(sending))
      underWay.add(sending)
    },
    async close() {
      const patience = Promise.withResolvers<void>()
      const timer = setTimeout(patience.resolve, 2 * second)
      await Promise.race([Promise.all(underWay), patience.promise])
      clearTimeout(timer)
    },
  }
}
