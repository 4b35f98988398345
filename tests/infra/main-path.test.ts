import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { Agent, fetch } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../infra/bundling/free-port.ts'
import { type Caddy, startCaddy } from '../support/caddy.ts'
import { databaseIn, onPostgres } from '../support/database.ts'
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts'
import { demoKeys } from '../support/emulator/keys.ts'

// What a new user does, with nothing in the way that a user would not have: Caddy with TLS in front of the real router
// as a process of its own, and providers on sockets behind it.

let dataDir: string
let emulator: Emulator
let caddy: Caddy
let router: ChildProcess
let env: Record<string, string>
let cookie = ''

const script = join(import.meta.dirname, '../../infra/router.ts')

async function startRouter(): Promise<void> {
  router = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  for (const address = `http://127.0.0.1:${env['OORT_PORT']}/healthz`; ; await sleep(50)) {
    if (router.exitCode !== null) throw new Error(`the router ended with ${router.exitCode}`)
    if (
      await fetch(address).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return
  }
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'oort-main-'))
  emulator = await startEmulator({ pace: 20 })
  const port = await freePort()
  caddy = await startCaddy({ upstreamPort: port })
  env = {
    PATH: process.env['PATH'] ?? '',
    NODE_ENV: 'development',
    BYOK_MASTER_KEY: randomBytes(32).toString('base64'),
    SESSION_SECRET: randomBytes(32).toString('base64'),
    OORT_DATA_DIR: dataDir,
    ...databaseIn(dataDir),
    OORT_PUBLIC_URL: caddy.origin,
    OORT_PORT: String(port),
    OORT_LOG_LEVEL: 'warn',
    OORT_OPENAI_URL: emulator.origins.openai,
    OORT_ANTHROPIC_URL: emulator.origins.anthropic,
    OORT_CEREBRAS_URL: emulator.origins.cerebras,
  }
  await startRouter()
}, 60_000)

afterAll(async () => {
  router.kill('SIGTERM')
  await once(router, 'exit')
  await caddy.stop()
  await emulator.close()
  await rm(dataDir, { recursive: true, force: true })
})

async function send(method: string, path: string, body?: unknown) {
  const answer = await fetch(caddy.origin + path, {
    method,
    dispatcher: new Agent({ connect: { ca: caddy.ca } }),
    headers: { origin: caddy.origin, 'content-type': 'application/json', ...(cookie === '' ? {} : { cookie }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const session = answer.headers.getSetCookie().find((line) => line.startsWith('__Host-oort='))
  if (session !== undefined) cookie = session.split(';')[0] ?? ''
  return answer
}

async function json(method: string, path: string, body?: unknown) {
  const answer = await send(method, path, body)
  return { status: answer.status, body: (await answer.json()) as Record<string, never> }
}

test('a new user signs up, seals a key, streams a run, finds it again and deletes it, through TLS', async () => {
  const account = { email: 'new@example.com', password: 'three calm otters cross the bay' }
  expect((await json('POST', '/api/auth/sign-up', account)).status).toBe(201)
  expect(cookie).toMatch(/^__Host-oort=/)

  const added = await json('POST', '/api/keys', { provider: 'openai', key: demoKeys.openai, verify: true })
  expect(added).toMatchObject({ status: 201, body: { lastFour: demoKeys.openai.slice(-4) } })

  const stream = await send('POST', '/api/runs', { model: 'gpt-5-mini', prompt: 'tell me of comets' })
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
  expect(stream.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains; preload')
  const chunks: string[] = []
  for await (const chunk of stream.body ?? []) chunks.push(Buffer.from(chunk as Uint8Array).toString())
  // Token by token, not in one piece at the end.
  expect(chunks.length).toBeGreaterThan(3)
  expect(chunks.join('')).toContain('event: done')

  const found = await json('GET', '/api/runs?q=comets')
  const runs = found.body['runs'] as unknown as { id: string; state: string }[]
  expect(runs).toMatchObject([{ state: 'succeeded' }])
  const uses = await json('GET', `/api/keys/${added.body['id']}/uses`)
  expect(uses.body['uses']).toMatchObject([{ action: 'key.used', runId: runs[0]?.id }, { action: 'key.added' }])
  expect(await json('DELETE', `/api/runs/${runs[0]?.id}`)).toEqual({ status: 200, body: { bytesErased: !onPostgres } })
  expect((await json('GET', '/api/runs?q=comets')).body['runs']).toEqual([])
})

test("a provider's own client works by base URL and key alone", async () => {
  const issued = await json('POST', '/api/api-keys', { name: 'laptop', scopes: ['runs:create'] })
  const openai = new OpenAI({
    baseURL: `${caddy.origin}/v1`,
    apiKey: String(issued.body['token']),
    fetchOptions: { dispatcher: new Agent({ connect: { ca: caddy.ca } }) },
    // The client's own types of fetch are those of another undici.
    fetch: fetch as never,
  })
  const stream = await openai.chat.completions.create({
    model: 'gpt-5-mini',
    messages: [{ role: 'user', content: 'hello there' }],
    stream: true,
  })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  expect(text).toContain('hello there')
})

test('R1 a router that is killed in mid-stream leaves an interrupted run, and starts again', async () => {
  const stream = await send('POST', '/api/runs', { model: 'gpt-5-mini', prompt: 'a long word '.repeat(200) })
  await stream.body?.getReader().read()
  router.kill('SIGKILL')
  await once(router, 'exit')
  const down = await send('GET', '/healthz')
  expect([down.status, down.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
  await startRouter()
  const after = await json('GET', '/api/runs?limit=1')
  expect(after.body['runs']).toMatchObject([{ state: 'interrupted' }])
})
