import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Browser } from '../support/browser.ts'
import { shipped } from '../support/built.ts'
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts'
import { demoKeys } from '../support/emulator/keys.ts'
import { password } from '../support/oort.ts'
import { type Environment, type Started, start, strongSecrets } from '../support/process.ts'

const program = await shipped('infra/router.ts')
const publicUrl = 'http://localhost:3000'
let directory: string
let emulator: Emulator
const running: Started[] = []
const logs = new WeakMap<Started, string>()

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oort-workers-'))
  emulator = await startEmulator({ pace: 20 })
})
afterEach(async () => {
  const stopped = running.splice(0)
  for (const { child } of stopped) child.kill('SIGKILL')
  // Workers end when they find their primary gone, and hold its output until then.
  await Promise.all(stopped.map(({ ended }) => ended))
  await emulator.close()
  await rm(directory, { recursive: true, force: true })
})

function router(env: Environment): Started {
  const { openai, anthropic, cerebras } = emulator.origins
  const started = start(program, [], {
    ...{ NODE_ENV: 'test', OORT_DATA_DIR: directory, OORT_PORT: '0', OORT_WORKERS: '2', OORT_PUBLIC_URL: publicUrl },
    ...{ OORT_OPENAI_URL: openai, OORT_ANTHROPIC_URL: anthropic, OORT_CEREBRAS_URL: cerebras },
    ...env,
  })
  running.push(started)
  started.child.stdout?.on('data', (chunk: Buffer) => {
    logs.set(started, (logs.get(started) ?? '') + chunk.toString())
  })
  return started
}

/** The workers that a primary has. Source: proc_pid_task_children(5). */
async function workersOf({ child }: Started): Promise<readonly number[]> {
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
  return children.trim().split(' ').filter(Boolean).map(Number)
}

/** How often processes have written anything, to their primary as well. Source: proc_pid_io(5). */
async function writesOf(pids: readonly number[]): Promise<number> {
  const counts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/io`, 'utf8')))
  return counts.reduce((sum, text) => sum + Number(/^syscw: (\d+)$/m.exec(text)?.[1]), 0)
}

/** Asks over a connection of its own, so that any worker may get it, unless told over which. */
async function askAnew(origin: string, agent = new Agent({ keepAlive: false })): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  // Not the address from which the router asks itself how it is.
  const headers = { 'x-forwarded-for': '10.9.8.7' }
  request(`${origin}/healthz`, { agent, headers }, (answer) => resolve(answer.resume().statusCode ?? 0))
    .on('error', reject)
    .end()
  return await promise
}

/** Waits until as many workers take connections as there are to be. */
async function ready(started: Started): Promise<string> {
  const origin = await started.origin
  await expect.poll(() => logs.get(started)?.match(/listening at/g)?.length, { timeout: 20_000 }).toBe(2)
  return origin
}

describe('a router of two workers', () => {
  test('counts the calls of a caller together, whichever worker a connection comes to', async () => {
    const origin = await ready(router({ ...strongSecrets(), OORT_RATE_LIMIT: '20' }))
    const statuses: number[] = []
    for (let call = 0; call < 30; call += 1) statuses.push(await askAnew(origin))
    expect(statuses.filter((status) => status === 200)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(10)
  })

  test('cancels a run, whichever worker has it', async () => {
    const origin = await ready(router(strongSecrets()))
    const browser = new Browser(origin, publicUrl)
    await browser.post('/api/auth/sign-up', { email: 'ada@example.com', password })
    await browser.post('/api/keys', { provider: 'openai', key: demoKeys.openai, verify: false })
    const prompt = Array.from({ length: 1_000 }, (_, index) => `w${index}`).join(' ')
    const states: unknown[] = []
    // The workers look whether the provider is there, too.
    const runsAsked = () => emulator.requests.filter(({ method }) => method === 'POST')
    // Connections go to the workers in turn: of two, one cancels a run of the other's.
    for (let each = 0; each < 2; each += 1) {
      const running = browser.post(
        '/api/runs',
        { model: 'gpt-5.4', prompt, keepRunning: true },
        { connection: 'close' },
      )
      await expect.poll(() => runsAsked().length, { timeout: 10_000 }).toBe(each + 1)
      const [run] = (await browser.get('/api/runs?limit=1')).json<{ runs: { id: string }[] }>().runs
      const cancelled = await browser.post(`/api/runs/${run?.id}/cancel`, {}, { connection: 'close' })
      states.push(cancelled.json()['state'])
      expect(await runsAsked().at(-1)?.ended).toBe('abandoned')
      await running
    }
    expect(states).toEqual(['cancelled', 'cancelled'])
  })

  test('replaces a worker that dies, and serves meanwhile', async () => {
    const started = router({ ...strongSecrets(), OORT_RATE_LIMIT: '0' })
    const origin = await ready(started)
    const [victim = 0, other] = await workersOf(started)
    process.kill(victim, 'SIGKILL')
    await expect.poll(() => workersOf(started), { timeout: 5_000 }).toEqual([other])
    expect(await askAnew(origin)).toBe(200)
    await expect.poll(async () => (await workersOf(started)).length, { timeout: 10_000 }).toBe(2)
    expect(await workersOf(started)).not.toContain(victim)
  })

  test('survives workers that die while they wait for a count', async () => {
    const started = router({ ...strongSecrets(), OORT_RATE_LIMIT: '1000' })
    const origin = await ready(started)
    const victims = await workersOf(started)
    const agent = new Agent({ keepAlive: true })
    const askAll = () => Promise.allSettled(Array.from({ length: 16 }, () => askAnew(origin, agent)))
    // Opens the connections, which the primary deals out.
    await askAll()
    started.child.kill('SIGSTOP')
    const before = await writesOf(victims)
    const answers = askAll()
    await expect.poll(() => writesOf(victims), { timeout: 10_000 }).toBeGreaterThanOrEqual(before + 16)
    for (const victim of victims) process.kill(victim, 'SIGKILL')
    // Dead, and the primary has yet to notice: the first that it sees are their questions.
    for (const victim of victims)
      await expect.poll(() => readFile(`/proc/${victim}/stat`, 'utf8'), { timeout: 5_000 }).toContain(') Z ')
    started.child.kill('SIGCONT')
    await answers
    agent.destroy()
    const replaced = async () => (await workersOf(started)).filter((pid) => !victims.includes(pid))
    await expect.poll(async () => (await replaced()).length, { timeout: 10_000 }).toBe(2)
    // Nobody listened for a moment, and the port is whichever is free.
    const newest = () =>
      logs
        .get(started)
        ?.match(/http:\/\/127\.0\.0\.1:\d+/g)
        ?.at(-1) ?? origin
    await expect.poll(() => askAnew(newest()).catch(() => 0), { timeout: 10_000 }).toBe(200)
  })

  test('ends in order at one signal, with 0 and nobody left behind', async () => {
    const started = router(strongSecrets())
    await ready(started)
    const workers = await workersOf(started)
    started.child.kill('SIGTERM')
    const { exitCode, stdout } = await started.ended
    expect(exitCode).toBe(0)
    expect(stdout.match(/"msg":"draining"/g)).toHaveLength(2)
    for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('ends in order at a signal that comes while its first worker starts', async () => {
    const started = router(strongSecrets())
    await expect.poll(async () => (await workersOf(started)).length, { interval: 5 }).toBe(1)
    started.child.kill('SIGTERM')
    expect(await started.ended).toMatchObject({ exitCode: 0 })
  })

  test('ends with its workers when it is killed', async () => {
    const started = router(strongSecrets())
    await ready(started)
    const workers = await workersOf(started)
    started.child.kill('SIGKILL')
    await expect.poll(() => workers.filter(isThere), { timeout: 10_000 }).toEqual([])
  })

  test('leaves the secrets of its settings file out of every environment', async () => {
    const secrets = strongSecrets()
    const file = join(directory, 'settings')
    await writeFile(
      file,
      Object.entries(secrets)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    const started = router({ OORT_ENV_FILE: file })
    await ready(started)
    for (const pid of [started.child.pid, ...(await workersOf(started))]) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
      for (const secret of Object.values(secrets)) expect(environment).not.toContain(secret)
    }
  })

  test.each([
    ['a configuration that is wrong', { BYOK_MASTER_KEY: 'short' }, 78],
    ['a port that is taken', { ...strongSecrets(), OORT_PORT: 'taken' }, 1],
  ])('does not try again with %s', async (_, env, code) => {
    const port = new URL(emulator.origins.openai).port
    const taken = 'OORT_PORT' in env ? { OORT_PORT: port } : {}
    const { exitCode, stderr } = await router({ ...env, ...taken }).ended
    expect([exitCode, stderr]).not.toEqual([code, ''])
    expect(exitCode).toBe(code)
  })
})

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('one process is enough where nothing else is asked for', async () => {
  const started = router({ ...strongSecrets(), OORT_WORKERS: '1' })
  await started.origin
  await wait(200)
  expect(await workersOf(started)).toEqual([])
})
