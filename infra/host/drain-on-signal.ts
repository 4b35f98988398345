import type { FastifyInstance } from 'fastify'
import { second } from '../../core/clock.ts'
import type { FromPrimary } from '../workers/messages.ts'

/** A stream may go on for this long after the signal; then its connection is closed. */
const drainFor = 25 * second
/** What is left to do after that is the database's. */
const closeFor = 5 * second

/**
 * Ends the process in order at SIGTERM or SIGINT, or when its primary asks it to: no new connections and no new runs
 * (SHUTTING_DOWN), open answers run to their end within 25 s, then traces and reports of faults under way are sent, the database
 * closes and the process exits with 0. A second signal ends it at once with 1, and so does a close that takes longer than
 * 5 s. Nothing acknowledged is lost either way.
 */
export function drainOnSignal(app: FastifyInstance): void {
  let signals = 0
  let draining = false
  const begin = (signal: NodeJS.Signals): void => {
    if (draining) return
    draining = true
    app.log.info({ signal }, 'draining')
    void drain(app)
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1
    if (signals > 1) process.exit(1)
    begin(signal)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.on('message', ({ kind }: FromPrimary) => {
    if (kind === 'drain') begin('SIGTERM')
  })
}

async function drain(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), drainFor)
  const giveUp = setTimeout(() => process.exit(1), drainFor + closeFor)
  try {
    await app.close()
    process.exitCode = 0
  } catch (error) {
    app.log.error({ err: error }, 'close failed')
    process.exitCode = 1
  } finally {
    clearTimeout(cut)
    clearTimeout(giveUp)
    process.exit()
  }
}
