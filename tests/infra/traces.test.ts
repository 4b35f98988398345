import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../infra/bundling/free-port.ts'
import { Browser } from '../support/browser.ts'
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts'
import { demoKeys } from '../support/emulator/keys.ts'
import { ask } from '../support/http.ts'
import { password } from '../support/oort.ts'
import { type OtlpIngest, type ReceivedSpan, startOtlpIngest } from '../support/otlp-ingest.ts'
import { type Ended, type Environment, type Started, start, strongSecrets } from '../support/process.ts'

const pace = 20
const words = 20
const publicUrl = 'http://localhost:3000'
const email = 'canary@example.com'
const prompt = Array.from({ length: words }, (_, at) => `canary${at}`).join(' ')
const foreign = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' }
let directory: string
let emulator: Emulator

function router(name: string, env: Environment): Started {
  const { openai, anthropic, cerebras } = emulator.origins
  return start('infra/router.ts', [], {
    ...{ NODE_ENV: 'test', OORT_PORT: '0', OORT_PUBLIC_URL: publicUrl, OORT_DATA_DIR: join(directory, name) },
    ...{ OORT_OPENAI_URL: openai, OORT_ANTHROPIC_URL: anthropic, OORT_CEREBRAS_URL: cerebras, OORT_RATE_LIMIT: '0' },
    ...strongSecrets(),
    ...env,
  })
}

function terminate({ child, ended }: Started): Promise<Ended> {
  child.kill('SIGTERM')
  return ended
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oort-traces-'))
  emulator = await startEmulator({ pace })
})

afterAll(async () => {
  await emulator.close()
  await rm(directory, { recursive: true, force: true })
})

/** Milliseconds. */
const apart = 1_000

describe('the traces of an account that runs a prompt', () => {
  let ingest: OtlpIngest
  let ended: Ended
  let run: { readonly id: string | null; readonly from: number; readonly to: number }

  beforeAll(async () => {
    ingest = await startOtlpIngest()
    const traced = router('a', {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${ingest.endpoint}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=secret',
    })
    const origin = await traced.origin
    const browser = new Browser(origin, publicUrl)
    await browser.post('/api/auth/sign-up', { email, password })
    await browser.post('/api/keys', { provider: 'openai', key: demoKeys.openai, verify: false })
    const from = Date.now()
    const answer = await browser.fetch('POST', '/api/runs', {
      body: { model: 'gpt-5.4', prompt },
      headers: { traceparent: `00-${foreign.trace}-${foreign.span}-01`, baggage: 'canary=1' },
    })
    await answer.text()
    run = { id: answer.headers.get('x-request-id'), from, to: Date.now() }
    await browser.post('/api/runs', { model: 'openai/canary-of-a-model', prompt, stream: false })
    await ask(origin, { path: '/canary?canary=canary' })
    await ask(origin, { path: '/api/keys', headers: { authorization: 'Bearer canary' } })
    // Well before a batch is due: what follows went out at the signal.
    ended = await terminate(traced)
  }, 60_000)

  afterAll(() => ingest.close())

  const traceOf = (is: (root: ReceivedSpan) => boolean): readonly ReceivedSpan[] => {
    const root = ingest.spans().find((span) => span.parentSpanId === undefined && is(span))
    return ingest.spans().filter(({ traceId }) => traceId === root?.traceId)
  }
  const traceOfRun = () => traceOf(({ attributes }) => attributes['oort.request_id'] === run.id)

  test('are sent at the signal, with the headers that the collector asks for', () => {
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(ingest.deliveries[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-collector-key': 'secret',
    })
    expect(ingest.spans().length).toBeGreaterThan(15)
  })

  test('have one span for each request, named by its pattern', () => {
    const roots = ingest
      .spans()
      .filter(({ parentSpanId, name }) => parentSpanId === undefined && !name.includes('healthz'))
    const seen = roots
      .toSorted((one, other) => one.from - other.from)
      .map(({ name, kind, status, attributes }) => {
        expect(attributes['oort.request_id']).toMatch(/^req_[0-9a-f-]{36}$/)
        return [name, kind, status, attributes['http.route'], attributes['http.response.status_code']]
      })
    expect(seen).toEqual([
      ['POST /api/auth/sign-up', 2, 0, '/api/auth/sign-up', 201],
      ['POST /api/keys', 2, 0, '/api/keys', 201],
      ['POST /api/runs', 2, 0, '/api/runs', 200],
      ['POST /api/runs', 2, 0, '/api/runs', 404],
      ['GET', 2, 0, undefined, 404],
      ['GET /api/keys', 2, 0, '/api/keys', 401],
    ])
  })

  test('of a streamed run nest, and are timed as the run was', () => {
    const [root] = traceOfRun().filter(({ parentSpanId }) => parentSpanId === undefined)
    const below = (parent: ReceivedSpan | undefined) =>
      traceOfRun().filter(({ parentSpanId }) => parentSpanId === parent?.spanId)
    const [upstream] = below(root).filter(({ name }) => name === 'upstream')
    const [firstByte] = below(upstream)
    if (root === undefined || upstream === undefined || firstByte === undefined) throw new Error('spans are missing')
    expect(new Set(below(root).map(({ name }) => name))).toEqual(new Set(['authentication', 'commit', 'upstream']))
    expect([upstream.kind, upstream.attributes]).toEqual([3, { 'oort.provider': 'openai' }])
    expect(firstByte.name).toBe('upstream first byte')
    expect(upstream.to - upstream.from).toBeGreaterThan(((words - 1) * pace) / 2)
    expect(firstByte.to).toBeLessThan(upstream.to)
    expect(firstByte.from).toBe(upstream.from)
    for (const { name, from, to } of traceOfRun()) {
      expect([name, from >= root.from && from <= to && to <= root.to]).toEqual([name, true])
    }
    // Clocks of two processes, of which one may have been held up before it looked at its own.
    expect(root.from).toBeGreaterThan(run.from - apart)
    expect(upstream.to).toBeLessThan(run.to + apart)
  })

  test('take no context from a caller and give none to a provider', () => {
    expect(JSON.stringify(ingest.deliveries)).not.toContain(foreign.trace)
    expect(JSON.stringify(ingest.deliveries)).not.toContain(foreign.span)
    expect(emulator.requests.length).toBeGreaterThan(1)
    for (const { headers } of emulator.requests) {
      expect(Object.keys(headers).filter((name) => /trace|baggage|b3|request-id/.test(name))).toEqual([])
    }
  })

  test('D3 hold what is listed alone: no key, prompt, address, model or id but the request’s', () => {
    const listed = ['http.request.method', 'http.response.status_code', 'http.route']
    const ours = ['oort.provider', 'oort.request_id', 'url.scheme']
    const names = new Set(ingest.spans().flatMap(({ attributes }) => Object.keys(attributes)))
    expect([...names].sort()).toEqual([...listed, ...ours])
    const sent = ingest.deliveries.map(({ body }) => body).join('\n')
    for (const canary of ['canary', 'gpt-5', 'example.com', demoKeys.openai, '127.0.0.1'])
      expect(sent).not.toContain(canary)
    expect(new Set(sent.match(/\b[a-z]{3}_(?=[0-9a-f]{8}-)/g))).toEqual(new Set(['req_', 'ins_']))
  })
})

test('unless they are asked for, nothing is sent or even loaded', async () => {
  const ingest = await startOtlpIngest()
  const coverage = join(directory, 'loaded')
  const plain = router('b', {
    OTEL_EXPORTER_OTLP_ENDPOINT: '',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${ingest.endpoint}/v1/traces`,
    OTEL_TRACES_EXPORTER: 'otlp',
    NODE_V8_COVERAGE: coverage,
  })
  await ask(await plain.origin, { path: '/healthz' })
  expect(await terminate(plain)).toMatchObject({ exitCode: 0 })
  expect(ingest.deliveries).toEqual([])
  const files = await readdir(coverage)
  const loaded = (await Promise.all(files.map((file) => readFile(join(coverage, file), 'utf8')))).join('\n')
  expect(loaded).toContain('infra/traces/send-traces.ts')
  expect(loaded).not.toMatch(/infra\/traces\/traces\.ts|@opentelemetry\/(?!api\/)/)
  await ingest.close()
}, 30_000)

describe('a collector that', () => {
  /** More requests than spans may wait, then the end and how many milliseconds it took. */
  async function live(name: string, endpoint: string) {
    const traced = router(name, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
    const origin = await traced.origin
    const statuses = new Set<number>()
    for (let call = 0; call < 3_000; call += 1) statuses.add((await ask(origin, { path: '/api/keys' })).status)
    const asked = performance.now()
    const ended = await terminate(traced)
    return { statuses, ended, took: performance.now() - asked }
  }
  const lost = (stdout: string) =>
    stdout.split('"msg":"the collector does not take our traces, which are lost"').length - 1

  test.each([
    ['is not there', async () => `http://127.0.0.1:${await freePort()}`],
    ['refuses', (ingest: OtlpIngest) => ingest.answerWith(400)],
    ['is overloaded', (ingest: OtlpIngest) => ingest.answerWith(503)],
    ['never answers', (ingest: OtlpIngest) => ingest.answerWith('never')],
  ] as const)(
    '%s disturbs no answer and holds up no end, and the log tells of it once',
    async (name, prepare) => {
      const ingest = await startOtlpIngest()
      const endpoint = (await prepare(ingest)) ?? ingest.endpoint
      const { statuses, ended, took } = await live(name, endpoint)
      expect([...statuses]).toEqual([401])
      expect([ended.exitCode, ended.stderr, lost(ended.stdout)]).toEqual([0, '', 1])
      // The libraries’ own limits are 10 s and 30 s.
      expect(took).toBeLessThan(8_000)
      await ingest.close()
    },
    60_000,
  )
})

test('an address that is none stops the start with 78', async () => {
  const { exitCode, stderr } = await router('c', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }).ended
  expect([exitCode, stderr]).toEqual([78, expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT')])
})
