import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { hasCode } from '../../core/has-code.ts'

/** Below the ports that systems give out by themselves, so that nobody is given one between here and its use. */
const range = { from: 20_000, to: 32_000 } as const

/** A loopback port that was free a moment ago, as were the `more` that follow it. */
export async function freePort(more = 0): Promise<number> {
  for (;;) {
    const first = randomInt(range.from, range.to - more)
    const held: Server[] = []
    try {
      for (let port = first; port <= first + more; port += 1) held.push(await hold(port))
      return first
    } catch (error) {
      if (!hasCode(error, 'EADDRINUSE')) throw error
    } finally {
      await Promise.all(held.map((server) => once(server.close(), 'close')))
    }
  }
}

/** Rejects with EADDRINUSE where somebody has the port. */
async function hold(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}
