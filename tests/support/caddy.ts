import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { freePort } from '../../infra/bundling/free-port.ts'

export const caddyfile = join(import.meta.dirname, '../../Caddyfile')

/** A Caddy of the kind that production runs, fetched beside the system's own: see infra/fetch-current-caddy.mjs. */
export const currentCaddy = join(import.meta.dirname, '../../.tools/caddy/usr/bin/caddy')

export interface Caddy {
  /** `https://localhost:PORT`. */
  readonly origin: string
  readonly port: number
  readonly pid: number
  /** The root certificate to trust (PEM): this instance's own, made for it and forgotten with it. */
  readonly ca: string
  /** What Caddy has logged so far. */
  log(): string
  stop(): Promise<void>
}

export interface CaddyOptions {
  readonly upstreamPort: number
  readonly assetsDir?: string
  /** Its path, or a name on the PATH: `caddy` unless told. */
  readonly binary?: string
  /** The path of another Caddyfile than the repository's own. */
  readonly caddyfile?: string
  /** Hosts that it answers for beside localhost. */
  readonly names?: readonly string[]
  /** A free one unless told. */
  readonly port?: number
  /** Further variables that the Caddyfile reads, such as OORT_HTTP. */
  readonly env?: Readonly<Record<string, string>>
}

const startLimitMs = 15_000
const stopLimitMs = 5_000

/**
 * Runs the repository's own Caddyfile on a free loopback port, with a certificate authority and storage of its own.
 * Touches no trust store. Throws with Caddy's log when it does not answer in time.
 */
export async function startCaddy(options: CaddyOptions): Promise<Caddy> {
  const home = await mkdtemp(join(tmpdir(), 'oort-caddy-'))
  const port = options.port ?? (await freePort())
  const config = options.caddyfile ?? caddyfile
  const child = spawn(options.binary ?? 'caddy', ['run', '--config', config, '--adapter', 'caddyfile'], {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CONFIG_HOME: join(home, 'config'),
      OORT_SITE: ['localhost', ...(options.names ?? [])].map((name) => `${name}:${port}`).join(', '),
      OORT_UPSTREAM: `127.0.0.1:${options.upstreamPort}`,
      OORT_ASSETS_DIR: options.assetsDir ?? join(home, 'assets'),
      ...options.env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close').catch((cause: unknown) => {
    log += String(cause)
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })

  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const limit = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
    await closed
    clearTimeout(limit)
    await rm(home, { recursive: true, force: true })
  }

  const deadline = Date.now() + startLimitMs
  // Each name has a certificate of its own, and they come one after another. An address is told in no handshake.
  for (const name of ['localhost', ...(options.names ?? [])].filter((each) => isIP(each) === 0)) {
    while (!(await accepts(port, name))) {
      if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
        await stop()
        throw new Error(`Caddy did not start:\n${log}`)
      }
      await sleep(25)
    }
  }
  const ca = await readFile(join(home, 'data/caddy/pki/authorities/local/root.crt'), 'utf8')
  return { origin: `https://localhost:${port}`, port, pid: child.pid ?? 0, ca, log: () => log, stop }
}

/** A handshake, not a mere connection: the port is open before the certificates are there. */
async function accepts(port: number, servername: string): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
