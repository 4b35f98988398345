import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFile, chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { DockerComposeEnvironment, type StartedDockerComposeEnvironment, Wait } from 'testcontainers'
import { freePort } from '../../infra/bundling/free-port.ts'
import { Browser } from '../support/browser.ts'
import { startCaddy } from '../support/caddy.ts'
import { startEmulator } from '../support/emulator/emulator.ts'
import { root } from '../support/source-graph.ts'
import { builtVersion, docker, files, mustDocker, type Output } from './compose.ts'

export type Service = 'caddy' | 'oort' | 'backup'

/** What `compose.yaml` describes, on an engine, with settings and secrets as `infra/image/init.sh` writes them. */
export interface Stack {
  /** What all containers have logged so far. */
  log(): Promise<string>
  readonly origin: string
  readonly httpPort: number
  /** The secrets in its settings. */
  readonly secrets: readonly string[]
  /** A browser of somebody new. Trusts the stack's own certificate authority. */
  browser(): Browser
  /** The name under which Compose keeps it. */
  readonly project: string
  /** Sets variables that compose.yaml takes, from the next call on. */
  configure(changed: Readonly<Record<string, string>>): void
  /** Starts what is not as the variables say, and waits until it is well. */
  up(): Promise<void>
  /** A program in the container of a service. */
  exec(service: Service, command: readonly string[]): Promise<Output>
  /** `docker compose …` for this stack, to its end. */
  compose(...args: readonly string[]): Promise<Output>
  /** What the engine knows of a container. */
  inspect(service: Service): Promise<Inspected>
  /** Takes down all that it brought, its data too. */
  close(): Promise<void>
}

/** Of `docker inspect`, what the tests ask for. */
export interface Inspected {
  readonly Id: string
  readonly Image: string
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly StartedAt: string }
  readonly HostConfig: {
    readonly Memory: number
    readonly MemorySwap: number
    readonly PidsLimit: number
    readonly ReadonlyRootfs: boolean
    readonly Privileged: boolean
    readonly RestartPolicy: { readonly Name: string }
  }
  readonly NetworkSettings: { readonly Ports: Readonly<Record<string, unknown>> }
}

/** Starts a stack whose provider is an emulator on this machine, with TLS as production demands it. */
export async function startStack({ pace = 0 }: { readonly pace?: number } = {}): Promise<Stack> {
  const home = await mkdtemp(join(tmpdir(), 'oort-stack-'))
  // The engine opens the settings by their path as root, Oort by its group: the folder is in nobody's way.
  await chmod(home, 0o755)
  const emulator = await startEmulator({ pace })
  const bridge = await mustDocker(['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}'])
  const provider = await startCaddy({
    upstreamPort: emulator.ports.openai,
    names: ['provider.test'],
    env: { OORT_BIND: `127.0.0.1 ${bridge.trim()}` },
  })
  await writeFile(join(home, 'provider-ca.pem'), provider.ca)

  const [httpPort, httpsPort] = [await freePort(), await freePort()]
  const origin = `https://localhost:${httpsPort}`
  const settings = await makeSettings(home, {
    OORT_PUBLIC_URL: origin,
    OORT_OPENAI_URL: `https://provider.test:${provider.port}`,
    OORT_RATE_LIMIT: '0',
  })
  const project = `oort-${randomBytes(4).toString('hex')}`
  let variables: Record<string, string> = {
    OORT_VERSION: builtVersion,
    OORT_INSIDE: '172.30.84.0/24',
    OORT_DATA_VOLUME: `${project}_data`,
    OORT_HTTP_PORT: String(httpPort),
    OORT_HTTPS_PORT: String(httpsPort),
    TEST_SETTINGS: settings,
    TEST_PROVIDER_CA: join(home, 'provider-ca.pem'),
  }
  let started: StartedDockerComposeEnvironment
  const volumes = new Set<string>()
  const compose = (...args: readonly string[]) => {
    const where = ['--project-name', project, '--env-file', settings, ...files.flatMap((file) => ['--file', file])]
    return docker(['compose', ...where, ...args], variables)
  }

  const stack: Stack = {
    log: async () => (await compose('logs', '--no-color')).stdout,
    origin,
    httpPort,
    secrets: [...(await readFile(settings, 'utf8')).matchAll(/^(?:BYOK|SESSION|OORT_BACKUP)_\w*=(\S{40,})$/gm)].map(
      ([, value = '']) => value,
    ),
    browser: () => new Browser(origin, origin),
    project,
    configure(changed) {
      variables = { ...variables, ...changed }
    },
    async up() {
      volumes.add(variables['OORT_DATA_VOLUME'] ?? '')
      started = await new DockerComposeEnvironment(root, [...files])
        .withProjectName(project)
        .withEnvironmentFile(settings)
        .withEnvironment(variables)
        .withDefaultWaitStrategy(Wait.forHealthCheck())
        .withWaitStrategy('backup-1', Wait.forLogMessage(/backup \S+ made/))
        .up()
      const path = join(home, 'root.crt')
      await mustDocker(['cp', `${project}-caddy-1:/data/caddy/pki/authorities/local/root.crt`, path])
      // For fetch, which takes no authorities of its own for one request.
      setDefaultCACertificates([...getCACertificates('bundled'), await readFile(path, 'utf8')])
    },
    exec: (service, command) => started.getContainer(`${service}-1`).exec([...command]),
    compose,
    async inspect(service) {
      const [found] = JSON.parse(await mustDocker(['inspect', `${project}-${service}-1`])) as readonly Inspected[]
      if (found === undefined) throw new Error(`there is no container of ${service}`)
      return found
    },
    async close() {
      await compose('down', '--volumes', '--timeout', '0')
      for (const volume of volumes) await docker(['volume', 'rm', '--force', volume])
      await provider.stop()
      await emulator.close()
      await rm(home, { recursive: true, force: true })
    },
  }
  try {
    await stack.up()
  } catch (error) {
    const log = await stack.log()
    await stack.close()
    throw new Error(`the stack did not start:\n${log}`, { cause: error })
  }
  return stack
}

/** By the script that the README names, in a folder that stands for a checkout. Answers the path. */
async function makeSettings(home: string, more: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(join(home, 'infra/image'), { recursive: true })
  const script = join(home, 'infra/image/init.sh')
  await copyFile(join(root, 'infra/image/init.sh'), script)
  await promisify(execFile)('sh', [script, 'localhost', 'internal'])
  const settings = join(home, '.env')
  await appendFile(
    settings,
    Object.entries(more)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  return settings
}
