import type { FastifyInstance } from 'fastify'
import { second } from '../../core/clock.ts'

/** A stream may go on for this long after the signal; then its connection is closed. */
const drainFor = 25 * second
/** What is left to do after that is the database's. */
const closeFor = 5 * second

/**
 * Ends the process in order at SIGTERM or SIGINT: no new connections, open answers run to their end within 25 s, then
 * the database closes and the process exits with 0. A second signal ends it at once with 1, and so does a close that
 * takes longer than 5 s. Nothing acknowledged is lost either way.
 */
export function drainOnSignal(app: FastifyInstance): void {
  let closing = false
  const onSignal = (signal: NodeJS.Signals) => {
    if (closing) process.exit(1)
    closing = true
    app.log.info({ signal }, 'draining')
    void drain(app)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
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
