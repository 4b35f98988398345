import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * The connections that a process holds on a port of this machine, with the port of the other end, by the number of the
 * socket: ports are used again at once. From Linux's own table (proc(5)). One that was closed and whose last bytes nobody takes belongs to no process any more, and is not listed.
 */
export async function heldConnections(pid: number, port: number): Promise<ReadonlyMap<string, number>> {
  const table = await readFile(`/proc/${pid}/net/tcp`, 'utf8')
  const fields = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
  const portOf = (address = ''): number => Number.parseInt(address.split(':')[1] ?? '', 16)
  const held = fields.filter(
    ([, local, , state, , , , , , inode]) => portOf(local) === port && state !== '0A' && inode !== '0',
  )
  return new Map(held.map(([, , remote, , , , , , , inode = '']) => [inode, portOf(remote)]))
}

/** How long the connections of each kind are held, looked at four times a second. `kindOf` tells whose a port is. */
export function watchConnections(pid: number, port: number, kindOf: (remotePort: number) => string | undefined) {
  const known = new Map<string, { readonly since: number; readonly kind: string }>()
  const longestMs: Record<string, number> = {}
  let most = 0
  let ended = false
  const watching = (async () => {
    while (!ended) {
      const held = await heldConnections(pid, port)
      const now = performance.now()
      for (const socket of known.keys()) if (!held.has(socket)) known.delete(socket)
      for (const [socket, remote] of held) {
        const kind = known.get(socket)?.kind ?? kindOf(remote)
        if (kind === undefined) continue
        const since = known.get(socket)?.since ?? now
        known.set(socket, { since, kind })
        longestMs[kind] = Math.max(longestMs[kind] ?? 0, now - since)
      }
      most = Math.max(most, known.size)
      await sleep(250)
    }
  })()
  return {
    async stop() {
      ended = true
      await watching
      return { longestMs, most }
    },
  }
}
