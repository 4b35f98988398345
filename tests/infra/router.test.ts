import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { shipped } from '../support/built.ts'
import { onPostgres } from '../support/database.ts'
import { ask } from '../support/http.ts'
import { startOort } from '../support/oort.ts'
import { type Environment, type Started, start, strongSecrets } from '../support/process.ts'

const program = await shipped('infra/router.ts')
let directory: string
const running: Started[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oort-router-'))
})
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

/** The router as in production: NODE_ENV is not even set. */
function router(env: Environment): Started {
  const started = start(program, [], { OORT_DATA_DIR: directory, OORT_PORT: '0', ...env })
  running.push(started)
  return started
}

const weak: readonly (readonly [string, string | undefined, string])[] = [
  ['absent', undefined, 'is not set'],
  ['empty', '', 'is not set'],
  ['short', 'Vb8qQ2xT7mZr4Kp9', 'is shorter than 32 bytes'],
  ['the example', 'change-me-change-me-change-me-change-me', 'is the example value'],
  ['one repeated character', 'a'.repeat(64), 'repeats one character'],
]

describe('K7 a start in production is refused with 78, and no value is told, when', () => {
  test.each(weak)('a secret is %s', async (_what, value, reason) => {
    const { exitCode, stdout, stderr } = await router({ BYOK_MASTER_KEY: value, SESSION_SECRET: value }).ended
    expect(exitCode).toBe(78)
    expect(stderr).toMatch(new RegExp(`BYOK_MASTER_KEY ${reason}\n.*SESSION_SECRET ${reason}\n`))
    if (value) expect(stdout + stderr).not.toContain(value)
  })

  test('a provider or the site itself would be reached without TLS, or a number is none', async () => {
    const wrong = { OORT_OPENAI_URL: 'http://10.11.12.13', OORT_PUBLIC_URL: 'http://oort.test' }
    const [plain, number] = await Promise.all([
      router({ ...strongSecrets(), ...wrong }).ended,
      router({ ...strongSecrets(), OORT_PORT: 'three-thousand' }).ended,
    ])
    expect([plain.exitCode, number.exitCode]).toEqual([78, 78])
    expect(plain.stderr).toMatch(/OORT_OPENAI_URL must use https[\s\S]*OORT_PUBLIC_URL must use https/)
    expect(plain.stderr).not.toContain('10.11.12.13')
    expect(number.stderr).toContain('OORT_PORT')
    expect(number.stderr).not.toContain('three-thousand')
  })
})

test('K6 a start with another master key is refused with 78, and harms nothing', async () => {
  const env = { ...strongSecrets(), OORT_DATA_DIR: directory }
  const startAndStop = async () => (await startOort({ dataDir: directory, env })).close()
  await startAndStop()
  const { exitCode, stderr } = await router({ ...env, BYOK_MASTER_KEY: strongSecrets().BYOK_MASTER_KEY }).ended
  expect([exitCode, stderr]).toEqual([78, expect.stringContaining('BYOK_MASTER_KEY does not open this database')])
  await startAndStop()
})

describe('a start that fails says why', () => {
  test('when the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { exitCode, stderr } = await router({ ...strongSecrets(), OORT_PORT: String(port) }).ended
    taken.close()
    expect([exitCode, stderr]).toEqual([1, `127.0.0.1:${port} is in use: set OORT_PORT to a free port\n`])
  })

  test.skipIf(onPostgres)('when the database is none', async () => {
    await writeFile(join(directory, 'oort.db'), 'this is no database '.repeat(500))
    const { exitCode, stderr } = await router(strongSecrets()).ended
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/SQLITE_NOTADB/)
    expect(stderr).not.toContain('this is no database')
  })
})

/** A request whose body is half sent, so that its answer is under way for as long as the test likes. */
async function half(origin: string) {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname).on('error', () => undefined)
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk.toString()
  })
  const body = '{"email":"nobody@example.com","password":"correct horse battery staple"}'
  const head = ['POST /api/auth/sign-in HTTP/1.1', 'Host: oort.test', 'Origin: https://localhost:8443']
  const type = ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Expect: 100-continue', '', '']
  socket.write([...head, ...type].join('\r\n'))
  // The server has read the head and waits for the body.
  await expect.poll(() => heard).toContain('100 Continue')
  heard = ''
  return {
    async finish(): Promise<string> {
      socket.write(body)
      await once(socket, 'close')
      return heard
    },
  }
}

describe('at SIGTERM', () => {
  test('the answer under way is given, idle connections do not delay, and it exits with 0', async () => {
    const started = router(strongSecrets())
    const origin = await started.origin
    const agent = new Agent({ keepAlive: true })
    const [idle] = await once(get(`${origin}/healthz`, { agent }), 'response')
    idle.resume()
    await once(idle, 'end')
    const request = await half(origin)
    started.child.kill('SIGTERM')
    await expect.poll(() => ask(origin, { path: '/healthz' }).then(String, () => 'refused')).toBe('refused')
    const asked = performance.now()
    const answer = await request.finish()
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(await started.ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(performance.now() - asked).toBeLessThan(10_000)
  })

  test('a second signal ends it at once', async () => {
    const started = router(strongSecrets())
    await half(await started.origin)
    const asked = performance.now()
    started.child.kill('SIGTERM')
    started.child.kill('SIGINT')
    expect(await started.ended).toMatchObject({ exitCode: 1 })
    expect(performance.now() - asked).toBeLessThan(10_000)
  })
})
