// Lends the tests of the stack a container engine and the images to build on. Runs on whatever Node (20 or later) the
// machine has.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { unpackFromDebian } from './unpack-from-debian.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tools = join(root, '.tools/engine')
const startLimitMs = 30_000

/** The npm that builds. */
const npm = 'npm@11.19.1'

/** What the build stage of infra/Dockerfile calls: a shell with its usual tools, and what Node is linked with. */
const basePackages = ['dash', 'bash', 'coreutils', 'grep', 'libc-bin', 'libstdc++6', 'libatomic1']

/**
 * Answers `{ env, stop }`, the environment under which `docker compose` and testcontainers find an engine, or
 * `{ missing }`, which says why there is none. An engine that answers already is used; else, where `dockerd` is installed
 * and we are root, one is started with all its state under .tools/engine. Where no registry answers it, the images to
 * build on are made from Debian's packages, the Node of the lockfile and the machine's own certificate authorities.
 * `stop` ends the engine that was started here, and no other.
 */
export async function lendEngine() {
  const engine = engineAnswers() ? { env: {}, stop: async () => {} } : await startEngine()
  if (engine.missing !== undefined) return engine
  const images = bringImages({ ...process.env, ...engine.env })
  if (images === undefined) {
    await engine.stop()
    return { missing: 'no registry answers, and no image could be made' }
  }
  // Testcontainers' own container that cleans up may not be had, and the tests take theirs down themselves.
  return { env: { ...engine.env, ...images, TESTCONTAINERS_RYUK_DISABLED: 'true' }, stop: engine.stop }
}

/** Whether there is an engine, with Compose, to be used as it is. */
export function engineAnswers(env = process.env) {
  return docker(env, ['info']).status === 0 && docker(env, ['compose', 'version']).status === 0
}

/** Debian 12 has no Compose that reads the current format; that of Debian 13 runs on it. */
function fetchCompose(config) {
  const cli = join(tools, 'cli')
  const plugin = join(cli, 'usr/libexec/docker/cli-plugins/docker-compose')
  if (!existsSync(plugin)) unpackFromDebian({ packages: ['docker-compose', 'docker-cli'], suite: 'trixie', into: cli })
  if (!existsSync(plugin)) return false
  const link = join(config, 'cli-plugins/docker-compose')
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(plugin, link)
  return true
}

async function startEngine() {
  if (process.getuid?.() !== 0 || !has('dockerd')) {
    return { missing: 'no container engine answers, and none can be started here' }
  }
  const config = join(tools, 'config')
  if (!fetchCompose(config)) return { missing: 'Docker Compose cannot be fetched' }
  const env = {
    DOCKER_HOST: `unix://${join(tools, 'docker.sock')}`,
    DOCKER_CONFIG: config,
    PATH: `${join(tools, 'cli/usr/bin')}:${process.env.PATH}`,
  }
  const log = join(tools, 'dockerd.log')
  const places = ['--data-root', join(tools, 'data'), '--exec-root', join(tools, 'exec')]
  const files = ['--pidfile', join(tools, 'docker.pid'), '--host', env.DOCKER_HOST]
  const output = openSync(log, 'w')
  // In a process group of its own: Ctrl-C reaches the tests first, and the engine when they have ended.
  const child = spawn('dockerd', [...places, ...files], { stdio: ['ignore', output, output], detached: true })
  const ended = once(child, 'exit').catch(() => undefined)
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  for (const deadline = Date.now() + startLimitMs; Date.now() < deadline; await sleep(200)) {
    if (child.exitCode !== null || child.pid === undefined) break
    if (engineAnswers({ ...process.env, ...env })) return { env, stop }
  }
  await stop()
  return { missing: `dockerd did not start: see ${log}` }
}

/** The variables that compose.yaml takes its base images from: none where a registry has those that it names itself. */
function bringImages(env) {
  const named = ['node:26-slim', 'caddy:2.11']
  if (named.every((image) => docker(env, ['pull', '--quiet', image]).status === 0)) return {}
  const made = { OORT_BASE_IMAGE: 'oort-local/node:26', OORT_CADDY_IMAGE: 'oort-local/caddy:2' }
  const present = Object.values(made).every((image) => docker(env, ['image', 'inspect', image]).status === 0)
  return present || (makeBase(env, made.OORT_BASE_IMAGE) && makeCaddy(env, made.OORT_CADDY_IMAGE)) ? made : undefined
}

function makeBase(env, name) {
  const tree = join(tools, 'base')
  rmSync(tree, { recursive: true, force: true })
  if (!unpackFromDebian({ packages: basePackages, suite: 'bookworm', into: tree, withDependencies: true })) return false
  cpSync(join(root, 'node_modules/node/bin/node'), join(tree, 'usr/local/bin/node'))
  // npm looks for it before it makes it.
  mkdirSync(join(tree, 'usr/local/lib'), { recursive: true })
  const install = ['install', '--global', '--prefix', join(tree, 'usr/local'), '--loglevel=error', npm]
  if (spawnSync('npm', install, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return false
  takeAuthorities(tree)
  return importTree(env, tree, name, ['--change', `ENV NODE_EXTRA_CA_CERTS=/${authorities}`])
}

function makeCaddy(env, name) {
  const tree = join(tools, 'caddy')
  rmSync(tree, { recursive: true, force: true })
  const fetched = join(root, '.tools/caddy/usr/bin/caddy')
  if (!existsSync(fetched)) return false
  cpSync(fetched, join(tree, 'usr/bin/caddy'))
  takeAuthorities(tree)
  return importTree(env, tree, name, [])
}

const authorities = 'etc/ssl/certs/ca-certificates.crt'

/** The machine's own: a registry may be reached through a proxy that they alone vouch for. */
function takeAuthorities(tree) {
  mkdirSync(dirname(join(tree, authorities)), { recursive: true })
  if (existsSync(`/${authorities}`)) cpSync(`/${authorities}`, join(tree, authorities), { dereference: true })
}

function importTree(env, tree, name, changes) {
  const archive = `${tree}.tar`
  const packed = spawnSync('tar', ['--create', '--file', archive, '--directory', tree, '.'], { stdio: 'inherit' })
  const done = packed.status === 0 && docker(env, ['import', ...changes, archive, name]).status === 0
  rmSync(archive, { force: true })
  rmSync(tree, { recursive: true, force: true })
  return done
}

function docker(env, args) {
  return spawnSync('docker', args, { env, stdio: 'ignore', timeout: 300_000 })
}

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0
}
