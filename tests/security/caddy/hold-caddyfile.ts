import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, Server } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../../core/errors.ts'
import { freePort } from '../../../infra/bundling/free-port.ts'
import { type Caddy, caddyfile, startCaddy } from '../../support/caddy.ts'
import { listeningPorts } from '../../support/listening-ports.ts'
import { createUpstream } from './create-upstream.ts'
import { holdTransport } from './hold-transport.ts'

const run = promisify(execFile)

const hsts = 'max-age=31536000; includeSubDomains; preload'
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
const programPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Each header line, to see what came twice. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Length of a body of zeros. None at all is sent for 0, whatever the headers promise. */
  readonly bytes?: number
}

const declared: Ask = { method: 'POST', headers: { 'Content-Length': '10000000' }, bytes: 0 }
const chunked: Ask = { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' }, bytes: 8_100_000 }

const everyAnswer: readonly (readonly [string, number, string, Ask])[] = [
  ['an answer of the router', 200, '/api/echo', {}],
  ['a page', 200, '/sign-in', {}],
  ['a 404 of the router', 404, '/api/missing', {}],
  ['a static file', 200, '/assets/app.0a1b2c3d.css', {}],
  ['a missing static file', 404, '/assets/none.css', {}],
  ['a static file whose name no system has', 404, '/assets/%00', {}],
  ['a static file whose name is too long', 404, `/assets/${'a'.repeat(300)}`, {}],
  ['a wrong method on a static file', 405, '/assets/app.0a1b2c3d.css', { method: 'POST' }],
  ['a body too large by its declared length', 413, '/api/echo', declared],
  ['a body too large as it comes', 413, '/api/echo', chunked],
  ['headers of 17 KB', 431, '/api/echo', { headers: { 'X-Filler': 'x'.repeat(17 * 1024) } }],
  ['an upstream that breaks off', 503, '/api/die', {}],
]

/** What the Caddyfile guarantees, held against one Caddy: `binary` is its path, or a name on the PATH. */
export function holdCaddyfile(binary: string): void {
  let directory: string
  let upstream: Server
  let caddy: Caddy
  const heldStreams: (() => void)[] = []

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'oort-caddy-test-'))
    await mkdir(join(directory, 'assets'))
    await writeFile(join(directory, 'assets/app.0a1b2c3d.css'), 'body{color:black}')
    await writeFile(join(directory, 'assets/.hidden'), 'not for anyone')
    await writeFile(join(directory, 'outside.txt'), 'not for anyone')
    upstream = createUpstream(heldStreams).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const { port } = upstream.address() as AddressInfo
    const redirectPort = await freePort()
    caddy = await startCaddy({
      binary,
      upstreamPort: port,
      assetsDir: join(directory, 'assets'),
      env: { OORT_HTTP: 'redirect_http', OORT_HTTP_PORT: String(redirectPort), OORT_CADDY_LOG_LEVEL: 'DEBUG' },
    })
  })

  afterAll(async () => {
    await caddy?.stop()
    upstream?.closeAllConnections()
    upstream?.close()
    await rm(directory, { recursive: true, force: true })
  })

  async function ask(path: string, { method = 'GET', headers = {}, bytes }: Ask = {}): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const outgoing = request(`${caddy.origin}${path}`, { method, headers, ca: caddy.ca, agent: false }, (response) => {
      let text = ''
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          text += chunk
        })
        .on('error', reject)
        .on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body: text,
          })
          outgoing.destroy()
        })
    })
    outgoing.on('error', reject)
    if (bytes === 0) outgoing.flushHeaders()
    else outgoing.end(bytes === undefined ? undefined : Buffer.alloc(bytes))
    return await promise
  }

  holdTransport(() => caddy)

  describe('headers', () => {
    test.each(everyAnswer)('H2 H3 %s (%i) carries each security header once', async (_, status, path, options) => {
      const answer = await ask(path, options)
      expect(answer.status).toBe(status)
      const policy = path.startsWith('/api/') ? programPolicy : pagePolicy
      const expected = {
        'strict-transport-security': hsts,
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      }
      expect(answer.headers).toMatchObject(expected)
      for (const name of Object.keys(expected)) {
        expect(answer.rawHeaders.filter((line) => line.toLowerCase() === name)).toHaveLength(1)
      }
      expect(answer.headers).not.toHaveProperty('server')
      expect(answer.headers).not.toHaveProperty('x-powered-by')
      expect(answer.headers).not.toHaveProperty('via')
    })

    test('static files, and nothing else, may be kept for a year', async () => {
      for (const [, status, path, options] of everyAnswer) {
        const { headers } = await ask(path, options)
        const immutable = headers['cache-control'] === 'public, max-age=31536000, immutable'
        expect([path, immutable]).toEqual([path, path === '/assets/app.0a1b2c3d.css' && status === 200])
      }
    })
  })

  describe('what reaches the router', () => {
    test('N3 the router learns the address of the client from Caddy alone', async () => {
      const { body } = await ask('/api/echo', {
        headers: {
          'X-Forwarded-For': '203.0.113.9',
          'X-Forwarded-Host': 'evil.example',
          'X-Forwarded-Proto': 'http',
          'X-Real-Ip': '203.0.113.9',
          Forwarded: 'for=203.0.113.9',
          'X-Apigateway-Event': '%7B%7D',
          'X-Apigateway-Context': '%7B%7D',
          'X-Amzn-Request-Context': '%7B%7D',
        },
      })
      const seen: unknown = JSON.parse(body)
      expect(seen).toMatchObject({
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': `localhost:${caddy.port}`,
        'x-forwarded-proto': 'https',
      })
      expect(body).not.toMatch(/203\.0\.113\.9|evil\.example|apigateway|amzn/i)
    })

    test('static files are served from their directory alone', async () => {
      for (const path of ['/assets/.hidden', '/assets/../outside.txt', '/assets/%2e%2e/outside.txt', '/assets/']) {
        const { status, body } = await ask(path)
        expect([path, status, body.includes('not for anyone')]).not.toEqual([path, 200, true])
      }
    })

    test('each event of a stream arrives while the upstream still holds the next', async () => {
      const outgoing = request(`${caddy.origin}/api/stream`, { ca: caddy.ca, agent: false }).end()
      const [response] = await once(outgoing, 'response')
      const [first] = await once(response.setEncoding('utf8'), 'data')
      expect(first).toBe('data: first\n\n')
      for (const release of heldStreams.splice(0)) release()
      const [last] = await once(response, 'data')
      expect(last).toBe('data: last\n\n')
    })
  })

  describe('refusals', () => {
    const problems: readonly (readonly [keyof typeof catalogue, string, Ask])[] = [
      ['BODY_TOO_LARGE', '/api/echo', declared],
      ['BODY_TOO_LARGE', '/api/echo', chunked],
      ['ROUTE_NOT_FOUND', '/assets/none.css', {}],
      ['METHOD_NOT_ALLOWED', '/assets/app.0a1b2c3d.css', { method: 'DELETE' }],
      ['SHUTTING_DOWN', '/api/die', {}],
    ]

    test.each(problems)('N2 H4 %s is a problem document as in the catalogue (%s)', async (code, path, options) => {
      const answer = await ask(path, options)
      expect(answer.status).toBe(catalogue[code].status)
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(JSON.parse(answer.body)).toEqual({ type: `/errors#${code}`, code, ...catalogue[code] })
    })

    test('H4 every problem document in the Caddyfile agrees with the catalogue', async () => {
      const documents = [...(await readFile(caddyfile, 'utf8')).matchAll(/respond `(\{.*\})` (\d+)/g)]
      expect(documents.length).toBeGreaterThanOrEqual(5)
      for (const [, json = '', status] of documents) {
        const { code, ...rest } = JSON.parse(json)
        expect(rest).toEqual({ type: `/errors#${code}`, ...catalogue[code as keyof typeof catalogue] })
        expect(Number(status)).toBe(rest.status)
      }
    })

    test('N2 N3 H4 chunks that are malformed are a fault of the request, and so told', async () => {
      const socket = connect({ host: '127.0.0.1', servername: 'localhost', port: caddy.port, ca: caddy.ca })
      socket.write(
        'POST /api/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n',
      )
      const heard = (await buffer(socket)).toString()
      expect(heard).toMatch(/^HTTP\/1\.1 400 /)
      expect(heard).toContain('"code":"BODY_INVALID"')
      expect(heard).toContain(`Strict-Transport-Security: ${hsts}`)
    })

    test('N2 headers beyond what Caddy reads are refused with 431', async () => {
      expect((await ask('/api/echo', { headers: { 'X-Filler': 'x'.repeat(40 * 1024) } })).status).toBe(431)
    })

    test('D3 a request that fails leaves neither its key nor its query in the most talkative log', async () => {
      await ask('/api/die?token=canary-token', { headers: { 'X-Api-Key': 'canary-key', Cookie: 'a=canary-cookie' } })
      await expect.poll(() => caddy.log()).toContain('"uri":"/api/die?"')
      expect(caddy.log()).not.toContain('canary')
    })
  })

  describe('configuration', () => {
    test('N3 Caddy listens where it serves and nowhere else: there is no admin port', async () => {
      const ports = await listeningPorts(caddy.pid)
      expect(ports).toHaveLength(2)
      expect(ports).toContain(caddy.port)
      expect(ports).not.toContain(2019)
    })

    test.each([
      ['development', {}],
      ['production', { OORT_SITE: 'oort.example', OORT_TLS: 'ops@oort.example', OORT_HTTP: 'redirect_http' }],
    ])('Caddy accepts the Caddyfile for %s', async (_, env) => {
      const { stderr } = await run(binary, ['validate', '--config', caddyfile, '--adapter', 'caddyfile'], {
        env: { PATH: process.env['PATH'], HOME: directory, ...env },
      })
      expect(stderr).not.toMatch(/"level":"(warn|error)".*(caddyfile|deprecated)/i)
    })
  })
}
