import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const limitMs = 30_000
const pauseMs = 50

/** Resolves when the router answers `/healthz`, whatever it answers. Rejects after half a minute, and when aborted. */
export async function waitForRouter(origin: string, signal: AbortSignal): Promise<void> {
  await retry('The router', signal, async () => {
    const response = await fetch(`${origin}/healthz`, { signal })
    await response.body?.cancel()
  })
}

/** Resolves when something accepts connections on a loopback port. Rejects like `waitForRouter`. */
export async function waitForPort(name: string, port: number, signal: AbortSignal): Promise<void> {
  await retry(name, signal, async () => {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect', { signal })
    } finally {
      socket.destroy()
    }
  })
}

async function retry(name: string, signal: AbortSignal, attempt: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + limitMs
  for (;;) {
    try {
      await attempt()
      return
    } catch (cause) {
      signal.throwIfAborted()
      if (Date.now() > deadline) throw new Error(`${name} did not become ready`, { cause })
    }
    await sleep(pauseMs, undefined, { signal })
  }
}
