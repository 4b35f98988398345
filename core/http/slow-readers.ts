import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { second } from '../clock.ts'

export interface ReaderLimits {
  /** How often the connections are looked at. */
  readonly sweepMs: number
  readonly patienceMs: number
  readonly leastBytes: number
}

/** What a reader is given: some twenty seconds for 16 KB, which every link that still is one carries. */
export const readerLimits: ReaderLimits = { sweepMs: 5 * second, patienceMs: 20 * second, leastBytes: 16 * 1_024 }

interface Progress {
  readonly since: number
  readonly taken: number
}

/**
 * Ends connections on which an answer waits while its reader takes less than `leastBytes` in `patienceMs`: asking for
 * much and reading nothing would hold it, and its connection, for as long as the reader likes. Node's own limit
 * (`connectionTimeout`) starts anew with every byte, and has to outlast the silence of providers. `onCut` is told of each.
 */
export function cutSlowReaders(
  app: FastifyInstance,
  onCut: (socket: Socket) => void,
  limits: ReaderLimits = readerLimits,
): void {
  const sockets = new Set<Socket>()
  const waiting = new WeakMap<Socket, Progress>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const sweep = setInterval(() => {
    const now = performance.now()
    for (const socket of sockets) {
      if (socket.writableLength === 0) {
        waiting.delete(socket)
        continue
      }
      const taken = socket.bytesWritten - socket.writableLength
      const before = waiting.get(socket)
      if (before === undefined || taken - before.taken >= limits.leastBytes) waiting.set(socket, { since: now, taken })
      else if (now - before.since >= limits.patienceMs) {
        onCut(socket)
        socket.destroy()
      }
    }
  }, limits.sweepMs)
  sweep.unref()
  app.addHook('onClose', async () => clearInterval(sweep))
}
