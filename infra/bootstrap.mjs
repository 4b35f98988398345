// Runs on whatever Node (20 or later) the machine has: brings in the pinned Node and the packages of the lockfile,
// then hands over to them.
//   node infra/bootstrap.mjs up [--demo]
//   node infra/bootstrap.mjs test [filter …]
//   node infra/bootstrap.mjs test:faults [--seed <n>] [filter …]
//   node infra/bootstrap.mjs test:attacks [--seed <n>] [filter …]
//   node infra/bootstrap.mjs test:postgres [filter …]
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { engineAnswers, lendEngine } from './container-engine.mjs'
import { fetchCurrentCaddy } from './fetch-current-caddy.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pinnedNode = join(root, 'node_modules/.bin/node')
const stamp = join(root, 'node_modules/.installed-lockfile')

/** Installs exactly what the lockfile says, unless that is what is installed. */
function install() {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined
  if (installed === lockfile && existsSync(pinnedNode)) return
  say('Installing packages from the lockfile')
  // The engine warnings speak of this Node; the packages run under the pinned one.
  orFail(run('npm', ['ci', '--loglevel=error']), 'npm ci failed')
  writeFileSync(stamp, lockfile)
}

/** What tests need beside packages. Installed on Debian where we may, asked for elsewhere; `wanted` is done without there. */
function installForTests(wanted = []) {
  const missing = [...(has('caddy') ? [] : ['caddy'])]
  if (existsSync(join(root, 'tests/browser')) && !has('chromium')) missing.push('chromium')
  const mayInstall = has('apt-get') && process.getuid?.() === 0
  // Tests of faults, and of the stack, go without where there is none.
  if (mayInstall && !has('strace')) missing.push('strace')
  // Its programs are not on the PATH. Tests that need a server of it go without where there is none.
  if (mayInstall && !hasPostgres()) missing.push('postgresql')
  if (mayInstall) missing.push(...wanted.filter(({ command }) => !has(command)).map(({ from }) => from))
  if (mayInstall && !has('dockerd') && !engineAnswers()) missing.push('docker.io')
  if (missing.length === 0) return
  if (!mayInstall) fail(`The tests need ${missing.join(' and ')}: install and try again`)
  say(`Installing ${missing.join(' and ')}`)
  // Debian's packages start services of their own, such as a Caddy that would sit on port 80: policy-rc.d forbids that
  // (invoke-rc.d(8)). A machine that has such a policy keeps it.
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const apt = { DEBIAN_FRONTEND: 'noninteractive' }
  try {
    orFail(run('apt-get', ['update', '-qq'], apt), 'apt-get update failed')
    orFail(run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], apt), 'apt-get failed')
  } finally {
    if (ours) run('rm', ['-f', policy])
  }
}

/**
 * Type check, lint, tests, and tests of the stack, all of them even when one fails; a filter leaves the tests alone, and
 * those of the stack to filters that name them.
 */
async function test(filters) {
  const checks = [
    ['Types', ['node_modules/typescript/bin/tsc', '--noEmit']],
    ['Types of the pages', ['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'functions/web/client']],
    ['Lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  ]
  const vitest = (...args) => ['node_modules/vitest/vitest.mjs', 'run', ...args]
  const ofStack = filters.filter((filter) => filter.includes('tests/stack'))
  const others = filters.filter((filter) => !ofStack.includes(filter))
  const failed = []
  const tests = filters.length > 0 && others.length === 0 ? [] : [['Tests', vitest(...others)]]
  for (const [name, args] of filters.length > 0 ? tests : [...checks, ...tests]) {
    say(name)
    if (run(pinnedNode, args) !== 0) failed.push(name)
  }
  if (filters.length === 0 || ofStack.length > 0) {
    say('Tests of the stack')
    const { env, stop, missing } = await lendEngine()
    const args = vitest('--config', 'tests/stack/vitest.config.ts', ...ofStack)
    if (run(pinnedNode, args, env ?? { OORT_ENGINE_MISSING: missing }) !== 0) failed.push('Tests of the stack')
    await stop?.()
  }
  if (failed.length > 0) fail(`Failed: ${failed.join(', ')}`)
}

/** Hands over for good: signals go on to the program, and its exit code becomes ours. */
function handOver(args) {
  const child = spawn(pinnedNode, args, { cwd: root, stdio: 'inherit' })
  // A terminal sends SIGINT to the program as well; staying alive until it has ended is all there is to do.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code) => process.exit(code ?? 1))
}

function run(command, args, env = {}) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status
}

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0
}

/** Where Debian puts the programs of each version. */
function hasPostgres() {
  const versions = '/usr/lib/postgresql'
  return existsSync(versions) && readdirSync(versions).some((each) => existsSync(join(versions, each, 'bin/initdb')))
}

function say(text) {
  process.stdout.write(`\n── ${text}\n`)
}

function fail(text) {
  process.stderr.write(`\n${text}\n`)
  process.exit(1)
}

function orFail(status, text) {
  if (status !== 0) fail(text)
}

const [task, ...args] = process.argv.slice(2)
if (task === 'up') {
  install()
  handOver(['infra/up/up.ts', ...args])
} else if (task === 'test') {
  install()
  installForTests()
  if (!fetchCurrentCaddy(join(root, '.tools/caddy'))) say('No current Caddy could be fetched: its tests are skipped')
  await test(args)
} else if (task === 'test:faults') {
  install()
  installForTests()
  handOver(['tests/faults/run.ts', ...args])
} else if (task === 'test:attacks') {
  install()
  installForTests([
    { command: 'slowhttptest', from: 'slowhttptest' },
    { command: 'testssl', from: 'testssl.sh' },
  ])
  handOver(['tests/attacks/run.ts', ...args])
} else if (task === 'test:postgres') {
  install()
  installForTests()
  handOver(['tests/postgres/run.ts', ...args])
} else {
  const suites = ['test', 'test:faults [--seed <n>]', 'test:attacks [--seed <n>]', 'test:postgres']
  const tests = suites.map((suite) => `${suite} [filter …]`).join(' | ')
  fail(`Use: node infra/bootstrap.mjs up [--demo] | ${tests}`)
}
