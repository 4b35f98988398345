import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect as connectPlainly, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connect as connectByTls } from 'node:tls'
import { freePort } from '../../infra/bundling/free-port.ts'
import { everythingOn } from '../security/route-table.ts'
import { Browser } from '../support/browser.ts'
import { shipped } from '../support/built.ts'
import { type Caddy, startCaddy } from '../support/caddy.ts'
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts'
import { demoKeys } from '../support/emulator/keys.ts'
import { password } from '../support/oort.ts'
import { start, strongSecrets } from '../support/process.ts'

/** A way in: what listens there, and how to reach it. */
export interface Door {
  readonly name: 'through Caddy' | 'direct'
  readonly pid: number
  readonly port: number
  /** The Host header that its site has. */
  readonly host: string
  /** The root certificate to trust (PEM), where it speaks TLS. */
  readonly ca?: string
  open(): Promise<Socket>
}

/** The router as it is shipped, behind Caddy with the Caddyfile of the repository, and beside emulated providers. */
export interface Fort extends AsyncDisposable {
  readonly doors: readonly [caddy: Door, direct: Door]
  readonly caddy: Caddy
  readonly emulator: Emulator
  readonly publicUrl: string
  readonly routerPid: number
  /** What the router has logged so far. */
  log(): string
  /** An administrator who is signed in at the router's own port, with a key for each provider. */
  admin(): Promise<Browser>
}

export async function openFort(): Promise<Fort> {
  const [script, cli] = await Promise.all([shipped('infra/router.ts'), shipped('infra/cli/oort.ts')])
  const dataDir = await mkdtemp(join(tmpdir(), 'oort-attacks-'))
  const emulator = await startEmulator()
  const [port, routerPort] = [await freePort(), await freePort()]
  const publicUrl = `https://localhost:${port}`
  const env = {
    ...strongSecrets(),
    ...everythingOn,
    NODE_ENV: 'test',
    OORT_DATA_DIR: dataDir,
    OORT_PORT: String(routerPort),
    OORT_PUBLIC_URL: publicUrl,
    OORT_RATE_LIMIT: '0',
    OORT_OPENAI_URL: emulator.origins.openai,
    OORT_ANTHROPIC_URL: emulator.origins.anthropic,
    OORT_CEREBRAS_URL: emulator.origins.cerebras,
  }
  const router = start(script, [], env)
  const origin = await router.origin
  let log = ''
  router.child.stdout?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const assetsDir = join(dirname(script), 'assets')
  // By its address too, for tools that name no host in their handshake.
  const caddy = await startCaddy({ upstreamPort: routerPort, port, assetsDir, names: ['127.0.0.1'] })
  const host = `localhost:${port}`
  const { ca } = caddy
  return {
    caddy,
    emulator,
    publicUrl,
    routerPid: router.child.pid ?? 0,
    log: () => log,
    doors: [
      {
        name: 'through Caddy',
        pid: caddy.pid,
        port,
        host,
        ca,
        open: () => opened(connectByTls({ port, host: '127.0.0.1', servername: 'localhost', ca }), 'secureConnect'),
      },
      {
        name: 'direct',
        pid: router.child.pid ?? 0,
        port: routerPort,
        host,
        open: () => opened(connectPlainly(routerPort, '127.0.0.1'), 'connect'),
      },
    ],
    async admin() {
      const browser = new Browser(origin, publicUrl)
      const email = 'admin@example.com'
      const answer = await browser.post('/api/auth/sign-up', { email, password })
      if (answer.status >= 300) throw new Error(`sign-up answered ${answer.status}: ${answer.text}`)
      const granted = await start(cli, ['admin', 'grant', email], env).ended
      if (granted.exitCode !== 0) throw new Error(granted.stderr)
      for (const [provider, key] of Object.entries(demoKeys)) await browser.post('/api/keys', { provider, key })
      return browser
    },
    async [Symbol.asyncDispose]() {
      await caddy.stop()
      router.child.kill('SIGKILL')
      await router.ended
      await emulator.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  await once(socket, event)
  // Who attacks is cut off; that is the purpose.
  return socket.on('error', () => undefined)
}
