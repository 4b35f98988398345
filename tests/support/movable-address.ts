import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A loopback port that leads to another one, as a virtual address or HAProxy does to whichever server is the primary. */
export interface MovableAddress {
  readonly port: number
  /** From now on new connections lead there; those that stand are reset, as whoever takes an address over does. */
  moveTo(port: number): void
  /** Says no more on the connections that stand, and closes none of them, as a firewall that lost them. Others pass. */
  loseConnections(): void
  close(): Promise<void>
}

/** Answers when it listens, and leads to `target`. */
export async function openMovableAddress(target: number): Promise<MovableAddress> {
  let to = target
  const open = new Set<Socket>()
  const lost = new Set<Socket>()

  function keep(socket: Socket, other: Socket): void {
    open.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      open.delete(socket)
      if (!lost.has(socket)) other.destroy()
    })
  }

  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    keep(near, far)
    keep(far, near)
    near.pipe(far)
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port was given')

  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    port: address.port,
    moveTo(port) {
      to = port
      cut()
    },
    loseConnections() {
      for (const socket of open) {
        lost.add(socket)
        socket.unpipe()
        socket.removeAllListeners('end')
        socket.pause()
      }
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
