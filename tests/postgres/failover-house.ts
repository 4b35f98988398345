import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import pg from 'pg'
import { freePort } from '../../infra/bundling/free-port.ts'
import { startCaddy } from '../support/caddy.ts'
import { startEmulator } from '../support/emulator/emulator.ts'
import { openMovableAddress } from '../support/movable-address.ts'
import { startPostgres } from '../support/postgres-cluster.ts'
import { type Started, start, strongSecrets } from '../support/process.ts'

export interface HouseInstance {
  readonly origin: string
  readonly dataDir: string
  /** Ends it as a power cut does. */
  kill(): Promise<void>
  /** Another process in its place. */
  restart(): Promise<void>
}

export type FailoverHouse = Awaited<ReturnType<typeof openFailoverHouse>>

const startLimitMs = 20_000

/**
 * Three instances with a data folder each behind one Caddy, on a primary with a synchronous replica, which they reach by
 * one address. This process trusts that Caddy from then on.
 */
export async function openFailoverHouse() {
  const opened = new AsyncDisposableStack()
  try {
    const primary = opened.adopt(await startPostgres(), (cluster) => cluster.stop())
    const databaseUrl = new URL(await primary.createDatabase())
    const replica = await primary.startReplica()
    await commitOnBoth(primary.url)
    const address = opened.adopt(await openMovableAddress(portOf(primary.url)), (each) => each.close())
    databaseUrl.port = String(address.port)
    const emulator = opened.adopt(await startEmulator(), (each) => each.close())
    const ports = await freePorts(3)
    const upstreams = ports.map((port) => `127.0.0.1:${port}`).join(' ')
    const caddy = opened.adopt(
      await startCaddy({
        upstreamPort: 0,
        env: { OORT_UPSTREAM: upstreams, OORT_INSTANCES: 'several_instances', OORT_CADDY_LOG_LEVEL: 'ERROR' },
      }),
      (each) => each.stop(),
    )
    setDefaultCACertificates([...getCACertificates('default'), caddy.ca])
    const env = {
      ...strongSecrets(),
      NODE_ENV: 'test',
      DATABASE_URL: databaseUrl.href,
      OORT_PUBLIC_URL: caddy.origin,
      OORT_RATE_LIMIT: '0',
      OORT_OPENAI_URL: emulator.origins.openai,
    }
    const instances: HouseInstance[] = []
    for (const port of ports) instances.push(opened.use(await openInstance({ ...env, OORT_PORT: String(port) })))
    return {
      env,
      primary,
      replica,
      address,
      emulator,
      caddy,
      instances,
      /** Asks the database, at whichever server it is. */
      async ask<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
        const client = new pg.Client({ connectionString: databaseUrl.href })
        client.on('error', () => undefined)
        await client.connect()
        try {
          return (await client.query<Row>(text, values)).rows
        } finally {
          await client.end()
        }
      },
      close: () => opened.disposeAsync(),
    }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

export function portOf(url: string): number {
  return Number(new URL(url).port)
}

/** From here on a commit is acknowledged once the replica has it on disk as well. */
async function commitOnBoth(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
    await client.query('SELECT pg_reload_conf()')
    for (const deadline = Date.now() + startLimitMs; ; await sleep(25)) {
      const { rows } = await client.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")
      if (rows.length > 0) return
      if (Date.now() > deadline) throw new Error('The replica does not follow')
    }
  } finally {
    await client.end()
  }
}

async function openInstance(env: Readonly<Record<string, string>>): Promise<HouseInstance & AsyncDisposable> {
  const dataDir = await mkdtemp(join(tmpdir(), 'oort-failover-'))
  let running: Started
  const run = async (): Promise<void> => {
    running = start('infra/router.ts', [], { ...env, OORT_DATA_DIR: dataDir })
    await running.origin
  }
  const kill = async (): Promise<void> => {
    running.child.kill('SIGKILL')
    await running.ended
  }
  try {
    await run()
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true })
    throw error
  }
  return {
    origin: `http://127.0.0.1:${env['OORT_PORT']}`,
    dataDir,
    kill,
    restart: run,
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** All different: each is held until all are known. */
async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
