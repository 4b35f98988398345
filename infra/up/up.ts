import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseConfig } from '../../core/config.ts'
import { build } from '../bundling/build.ts'
import { memorySettings } from '../host/memory-settings.ts'
import { claimInstance } from './claim-instance.ts'
import { describeInstance } from './describe-instance.ts'
import { type Environment, readEnvironment } from './read-environment.ts'
import { requireFreePorts, type WantedPort } from './require-free-ports.ts'
import { demoPortBase, startDemoProviders } from './start-demo-providers.ts'
import { createSupervisor } from './supervisor.ts'
import { waitForPort, waitForRouter } from './wait-until-ready.ts'

// Brings up Oort for development: secrets once, bundles, the router, and Caddy in front where there is one. With
// --demo, emulated providers too. Runs until Ctrl-C or SIGTERM (exit 0) or until a part of it ends (exit 1).

const root = resolve(import.meta.dirname, '../..')
const { values: flags } = parseArgs({ options: { demo: { type: 'boolean', default: false } } })

const hasCaddy = spawnSync('caddy', ['version'], { stdio: 'ignore' }).status === 0
const supervisor = createSupervisor()
const stopped = Promise.withResolvers<void>()
const starting = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    starting.abort()
    stopped.resolve()
  })
}

let release = (): void => {}
try {
  const crashed = supervisor.crashed.then((what) => {
    starting.abort()
    throw new Error(what)
  })
  await Promise.race([stopped.promise, crashed, start().then(() => Promise.race([stopped.promise, crashed]))])
} catch (error) {
  if (!(starting.signal.aborted && error === starting.signal.reason)) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
} finally {
  await supervisor.stop()
  release()
}

async function start(): Promise<void> {
  const address = hasCaddy ? 'https://localhost:8443' : 'http://127.0.0.1:3000'
  const shell: Environment = { OORT_PUBLIC_URL: address, ...readEnvironment(root, process.env) }
  const config = parseConfig(shell)
  const dataDir = resolve(root, config.dataDir)
  release = claimInstance(dataDir)

  const { host, port } = config.listen
  const site = new URL(config.publicUrl)
  const sitePort = Number(site.port || 443)
  const wanted: WantedPort[] = [{ host, port, setting: 'OORT_PORT' }]
  if (hasCaddy) wanted.push({ host: '127.0.0.1', port: sitePort, setting: 'OORT_PUBLIC_URL' })
  if (flags.demo) wanted.push({ host: '127.0.0.1', port: demoPortBase, setting: 'no setting: it is fixed' })
  await requireFreePorts(wanted)

  await build()
  const demo = flags.demo ? await startDemoProviders(supervisor, root, shell) : undefined
  supervisor.start({
    name: 'router',
    command: process.execPath,
    args: ['dist/router.js'],
    env: { ...memorySettings, ...shell, ...demo?.env, OORT_DATA_DIR: dataDir },
    cwd: root,
    output: 'inherit',
  })
  await waitForRouter(`http://${host}:${port}`, starting.signal)

  const caddyHome = join(dataDir, 'caddy')
  if (hasCaddy) {
    mkdirSync(caddyHome, { recursive: true, mode: 0o700 })
    supervisor.start({
      name: 'Caddy',
      command: 'caddy',
      args: ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'],
      // Caddy gets what it needs, and none of our secrets.
      env: {
        PATH: shell['PATH'],
        HOME: caddyHome,
        XDG_DATA_HOME: caddyHome,
        XDG_CONFIG_HOME: caddyHome,
        OORT_SITE: `${site.hostname}:${sitePort}`,
        OORT_UPSTREAM: `${host}:${port}`,
        OORT_CADDY_LOG_LEVEL: 'ERROR',
      },
      cwd: root,
      output: 'inherit',
    })
    await waitForPort('Caddy', sitePort, starting.signal)
  }
  const certificate = join(caddyHome, 'caddy/pki/authorities/local/root.crt')
  process.stdout.write(
    describeInstance({
      origin: hasCaddy ? config.publicUrl : `http://${host}:${port}`,
      certificate: hasCaddy && existsSync(certificate) ? certificate : undefined,
      demoKeys: demo?.keys,
    }),
  )
}
