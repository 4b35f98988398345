import { readFile } from 'node:fs/promises'

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

/** How long each connection of a port is held, looked at four times a second. */
export function watchConnections(pid: number, port: number, isWatched: (remotePort: number) => boolean) {
  const since = new Map<string, number>()
  let longest = 0
  let most = 0
  let ended = false
  const watching = (async () => {
    while (!ended) {
      const held = await heldConnections(pid, port)
      const now = performance.now()
      let count = 0
      for (const [socket, remote] of held) {
        if (!isWatched(remote)) continue
        count += 1
        const first = since.get(socket) ?? now
        since.set(socket, first)
        longest = Math.max(longest, now - first)
      }
      for (const socket of since.keys()) if (!held.has(socket)) since.delete(socket)
      most = Math.max(most, count)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  })()
  return {
    async stop() {
      ended = true
      await watching
      return { longestMs: longest, most }
    },
  }
}
