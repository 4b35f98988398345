import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { knownModels } from '../../core/providers/models.ts'
import { freePort } from '../../infra/bundling/free-port.ts'
import { Browser } from '../support/browser.ts'
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts'
import { demoKeys } from '../support/emulator/keys.ts'
import { ask } from '../support/http.ts'
import { listeningPorts } from '../support/listening-ports.ts'
import { password } from '../support/oort.ts'
import { type Environment, type Started, start, strongSecrets } from '../support/process.ts'
import { readSource } from '../support/source-graph.ts'

const pace = 20
const words = 20
const publicUrl = 'http://localhost:3000'
let directory: string
let emulator: Emulator
let metricsOrigin: string
let origin: string
let watched: Started
let figures: ReadonlyMap<string, number>
let text: string

function router(env: Environment): Started {
  const { openai, anthropic, cerebras } = emulator.origins
  return start('infra/router.ts', [], {
    ...{ NODE_ENV: 'test', OORT_PORT: '0', OORT_PUBLIC_URL: publicUrl, OORT_LOG_LEVEL: 'info' },
    ...{ OORT_OPENAI_URL: openai, OORT_ANTHROPIC_URL: anthropic, OORT_CEREBRAS_URL: cerebras },
    ...strongSecrets(),
    ...env,
  })
}

/** The samples of Prometheus' text format, by name and labels. */
function read(exposition: string): ReadonlyMap<string, number> {
  const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}

const figure = (name: string): number => figures.get(name) ?? Number.NaN

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oort-metrics-'))
  emulator = await startEmulator({ pace })
  const port = await freePort()
  metricsOrigin = `http://127.0.0.1:${port}`
  watched = router({ OORT_DATA_DIR: join(directory, 'a'), OORT_METRICS_PORT: String(port), OORT_RATE_LIMIT: '40' })
  origin = await watched.origin
  const browser = new Browser(origin, publicUrl)
  await browser.post('/api/auth/sign-up', { email: 'ada@example.com', password })
  await browser.post('/api/keys', { provider: 'openai', key: demoKeys.openai, verify: false })
  const prompt = Array.from({ length: words }, (_, at) => `w${at}`).join(' ')
  await browser.post('/api/runs', { model: 'openai/a-model-of-my-own', prompt })
  await browser.post('/api/runs', { model: 'gpt-5.4', prompt })
  await browser.post('/api/runs', { model: 'gpt-5.4', prompt, stream: false })
  await browser.get('/api/runs/run_00000000-0000-7000-8000-000000000000')
  await browser.get('/nowhere/canary')
  for (let call = 0; call < 50; call += 1) await ask(origin, { path: '/healthz' })
  // The line of a request, and its figures, come after its answer.
  await vi.waitFor(async () => {
    const { text: now } = await ask(metricsOrigin, { path: '/metrics' })
    expect(now).toMatch(/oort_requests_total\{method="GET",route="\/healthz",status="4xx"\} 1\d/)
  }, 10_000)
  text = (await ask(metricsOrigin, { path: '/metrics' })).text
  figures = read(text)
}, 60_000)

afterAll(async () => {
  watched.child.kill('SIGKILL')
  await emulator.close()
  await rm(directory, { recursive: true, force: true })
})

describe('the figures', () => {
  test('count requests by pattern and class of status, and runs by provider and state', () => {
    expect(figure('oort_requests_total{method="POST",route="/api/runs",status="2xx"}')).toBe(2)
    expect(figure('oort_requests_total{method="GET",route="/api/runs/:runId",status="4xx"}')).toBe(1)
    expect(figure('oort_requests_total{method="GET",route="none",status="4xx"}')).toBe(1)
    expect(figure('oort_runs_total{provider="openai",state="succeeded"}')).toBe(2)
    expect(figure('oort_runs_total{provider="openai",state="failed"}')).toBe(1)
    expect(figure('oort_streams_open')).toBe(0)
    expect(figure('oort_rate_limited_total{limit="all"}')).toBeGreaterThanOrEqual(10)
  })

  test('tell Oort’s own time apart from the provider’s, which alone waits between words', () => {
    const all = figure('oort_request_duration_seconds_sum{route="/api/runs"}')
    const own = figure('oort_own_duration_seconds_sum{forwarded="true"}')
    expect(figure('oort_own_duration_seconds_count{forwarded="true"}')).toBe(3)
    expect(figure('oort_own_first_byte_seconds_count{forwarded="true"}')).toBe(3)
    expect(own).toBeGreaterThan(0)
    expect(all - own).toBeGreaterThan((words * pace) / 1_000)
  })

  test('tell of the writer, the audit log and the process', () => {
    expect(figure('oort_writer_groups_total{outcome="committed"}')).toBeGreaterThan(5)
    expect(figure('oort_writer_group_units_count')).toBe(figure('oort_writer_groups_total{outcome="committed"}'))
    expect(figure('oort_writer_commit_seconds_sum')).toBeGreaterThan(0)
    expect(figure('oort_writer_queue_units')).toBe(0)
    // Sign-up, session, key, and for each run: begun, key used, finished.
    expect(figure('oort_audit_entries_total')).toBeGreaterThanOrEqual(9)
    expect(figure('process_resident_memory_bytes')).toBeGreaterThan(1e6)
    expect(figures.has('nodejs_eventloop_lag_p99_seconds')).toBe(true)
  })

  test('D3 have labels of bounded sets alone: no id, no model, nothing that was sent', () => {
    expect(text).not.toMatch(/canary|my-own|ada@|[a-z]{2,8}_[0-9a-f]{8}-/)
    for (const model of Object.keys(knownModels)) expect(text).not.toContain(`"${model}"`)
    const names = new Set(
      [...text.matchAll(/^oort_\w+\{([^}]*)\}/gm)].flatMap(([, labels = '']) =>
        [...labels.matchAll(/(\w+)=/g)].map(([, name]) => name),
      ),
    )
    const known = ['forwarded', 'le', 'limit', 'method', 'outcome', 'provider', 'route', 'state', 'status']
    expect([...names].filter((name) => !known.includes(name ?? ''))).toEqual([])
  })
})

describe('where they are told', () => {
  test('the public port answers 404 at /metrics, as at any other address that is none', async () => {
    for (const headers of [{}, { accept: 'text/plain' }, { 'x-forwarded-for': '10.0.0.1' }]) {
      // Not from the address that has used up its calls.
      const from = { 'x-forwarded-for': '10.9.8.7', ...headers }
      const answer = await ask(origin, { path: '/metrics', headers: from })
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([404, 'ROUTE_NOT_FOUND'])
    }
  })

  test('their own port has nothing but them', async () => {
    for (const asked of [{ path: '/healthz' }, { path: '/' }, { path: '/metrics', method: 'POST' }]) {
      expect(await ask(metricsOrigin, asked)).toMatchObject({ status: 404, text: '' })
    }
  })

  test('without OORT_METRICS_PORT no other port is listened on', async () => {
    const plain = router({ OORT_DATA_DIR: join(directory, 'b'), OORT_METRICS_PORT: '' })
    const { port } = new URL(await plain.origin)
    expect(await listeningPorts(plain.child.pid ?? 0)).toEqual([Number(port)])
    plain.child.kill('SIGTERM')
    expect(await plain.ended).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('each of several workers tells its own, on a port of its own', async () => {
    const port = await freePort(1)
    const primary = router({ OORT_DATA_DIR: join(directory, 'd'), OORT_METRICS_PORT: String(port), OORT_WORKERS: '2' })
    await primary.origin
    await vi.waitFor(
      async () => {
        for (const each of [port, port + 1]) {
          const told = await ask(`http://127.0.0.1:${each}`, { path: '/metrics' })
          expect(told.text).toContain('process_resident_memory_bytes')
        }
      },
      { timeout: 20_000, interval: 200 },
    )
    primary.child.kill('SIGTERM')
    expect(await primary.ended).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('a port that is taken stops the start with 78', async () => {
    const { exitCode, stderr } = await router({
      OORT_DATA_DIR: join(directory, 'c'),
      OORT_METRICS_PORT: new URL(metricsOrigin).port,
    }).ended
    expect([exitCode, stderr]).toEqual([78, expect.stringContaining('OORT_METRICS_PORT is in use')])
  })
})

test('every figure of the dashboard is told', async () => {
  const dashboard = await readSource('infra/grafana/oort.json')
  const { panels } = JSON.parse(dashboard) as { panels: { targets: { expr: string }[] }[] }
  const used = panels
    .flatMap(({ targets }) => targets)
    .flatMap(({ expr }) => expr.match(/\b(oort|nodejs|process)_\w+/g))
  expect(used.length).toBeGreaterThan(15)
  const told = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name))
  const missing = used.filter((name) => !told.has(name ?? '') && !told.has(name?.replace(/_(bucket|sum|count)$/, '')))
  expect(missing).toEqual([])
})

test('and at its end each request has left one line: method, pattern, status, duration, and nothing of its own', async () => {
  watched.child.kill('SIGTERM')
  const { exitCode, stdout } = await watched.ended
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const answered = lines.filter(({ msg }) => msg === 'answered')
  expect(exitCode).toBe(0)
  expect(new Set(answered.map(({ requestId }) => requestId)).size).toBe(answered.length)
  for (const { route, ...line } of answered) {
    expect(line).toEqual({
      level: 'info',
      time: expect.any(String),
      requestId: expect.stringMatching(/^req_[0-9a-f-]{36}$/),
      method: expect.stringMatching(/^(GET|HEAD|POST)$/),
      status: expect.any(Number),
      ms: expect.any(Number),
      msg: 'answered',
    })
    expect([null, '/healthz', '/api/auth/sign-up', '/api/keys', '/api/runs', '/api/runs/:runId']).toContain(route)
  }
  expect(answered.filter(({ route, status }) => route === '/api/runs' && status === 200)).toHaveLength(2)
  expect(stdout).not.toMatch(/canary|my-own|ada@|run_0000/)
})
