import { once } from 'node:events'
import { createServer } from 'node:net'
import { StartRefused } from './claim-instance.ts'

export interface WantedPort {
  readonly host: string
  readonly port: number
  /** The variable or flag by which another port can be chosen. */
  readonly setting: string
}

/** Throws StartRefused that names each port another program holds. Nothing is listening when it returns. */
export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  const problems: string[] = []
  for (const { host, port, setting } of wanted) {
    const server = createServer()
    try {
      await once(server.listen({ host, port, exclusive: true }), 'listening')
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      problems.push(`Port ${port} on ${host} cannot be used (${code}): free it, or choose another with ${setting}`)
      continue
    }
    server.close()
    await once(server, 'close')
  }
  if (problems.length > 0) throw new StartRefused(problems.join('\n'))
}
