import { once } from 'node:events'
import { connect as connectPlainly, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectByTls } from 'node:tls'

// A crowd of slow clients, in a process of its own so that it slows nobody but the server. It reads its orders as one
// line of JSON, opens its sockets at a bounded rate, opens another for each that is closed, and tells which ports its
// connections come from and how they are slow (and, with a minus, that they come from there no longer).

export interface Orders {
  readonly port: number
  readonly host: string
  readonly origin: string
  readonly ca?: string
  readonly sockets: number
  /** A third of the sockets is slow in each way. */
  readonly kinds: readonly Slowness[]
}

export type Slowness = 'header' | 'body' | 'read'

const orders = JSON.parse((await once(process.stdin, 'data'))[0]) as Orders
const { port, host, origin, ca } = orders

const begin: Readonly<Record<Slowness, string>> = {
  header: `GET /errors HTTP/1.1\r\nHost: ${host}\r\n`,
  body: `POST /api/auth/sign-in HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nContent-Type: application/json\r\nContent-Length: 8192\r\n\r\n`,
  read: `GET /errors HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
}
const drip: Readonly<Record<Slowness, string>> = { header: 'X-Slow: 1\r\n', body: ' ', read: '' }
const dripEveryMs = 3_000

const opensEveryMs = 2
let turn = Promise.resolve()

/** Handshakes all at once would measure what this process computes. */
function awaitTurn(): Promise<unknown> {
  turn = turn.then(() => sleep(opensEveryMs))
  return turn
}

/** One slow client after another, for ever. */
async function holdOne(kind: Slowness): Promise<void> {
  for (;;) {
    await awaitTurn()
    const socket: Socket =
      ca === undefined
        ? connectPlainly(port, '127.0.0.1')
        : connectByTls({ port, host: '127.0.0.1', servername: 'localhost', ca })
    socket.on('error', () => undefined)
    const closed = once(socket, 'close').catch(() => undefined)
    let from = 0
    socket.once('connect', () => {
      from = socket.localPort ?? 0
      process.stdout.write(`${from} ${kind}\n`)
    })
    socket.once(ca === undefined ? 'connect' : 'secureConnect', () => {
      socket.write(begin[kind])
      // A reader who reads nothing would not see that it was closed, and comes anew after a while.
      if (kind === 'read') {
        socket.pause()
        setTimeout(() => socket.destroy(), 40_000).unref()
      } else socket.resume()
    })
    const dripping = setInterval(() => {
      if (drip[kind] !== '') socket.write(drip[kind])
    }, dripEveryMs)
    await closed
    clearInterval(dripping)
    socket.destroy()
    if (from !== 0) process.stdout.write(`-${from}\n`)
  }
}

for (let at = 0; at < orders.sockets; at += 1) void holdOne(orders.kinds[at % orders.kinds.length] ?? 'header')
await turn
process.stdout.write('all\n')
