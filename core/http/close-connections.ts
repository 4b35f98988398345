import type { FastifyInstance } from 'fastify'
import { second } from '../clock.ts'

const sweepEvery = second / 4

/**
 * Lets a host that closes wait for its answers and for nothing else. Node closes the connections that are idle at that
 * moment and Fastify tells requests that come later that theirs will end; a connection whose answer had begun before
 * would stay open for the whole keep-alive time.
 */
export function closeConnections(app: FastifyInstance): void {
  let sweep: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    sweep = setInterval(() => app.server.closeIdleConnections(), sweepEvery)
  })
  app.addHook('onClose', async () => clearInterval(sweep))
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (sweep !== undefined) reply.header('connection', 'close')
    done(null, payload)
  })
}
