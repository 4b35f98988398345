import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { ConfigError } from '../../core/config.ts'
import { type LambdaHandler, lambdaHandler } from '../../core/http/lambda.ts'
import type { LambdaAnswer, LambdaEvent } from '../../core/http/lambda-event.ts'
import { bytes, operation } from '../../core/http/operation.ts'
import { capabilityNames } from '../../infra/capabilities.ts'
import { everythingOn } from '../security/route-table.ts'
import { ask, withoutRequestId } from '../support/http.ts'
import { password, startOort } from '../support/oort.ts'
import { start } from '../support/process.ts'
import { ofTheHost, requestFor, routesByFunction, unrepeatable, withoutMoment } from './like-requests.ts'

const oort = await startOort({ env: everythingOn })
afterAll(() => oort.close())

// The handlers read the environment at their first call: the same database and secrets as the router's.
Object.assign(process.env, oort.env, { OORT_LOG_LEVEL: 'silent' })
const context = { callbackWaitsForEmptyEventLoop: false } as Parameters<LambdaHandler>[1]

interface Sent {
  readonly method?: string
  readonly path: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

/** An event of API Gateway's payload format 2.0, which function URLs share. */
function eventOf({ method = 'GET', path, query = '', headers = {}, cookies, ...rest }: Sent): LambdaEvent {
  return {
    version: '2.0',
    rawPath: path,
    rawQueryString: query,
    // The gateway joins repeated members; nothing here may depend on it.
    ...{ queryStringParameters: Object.fromEntries(new URLSearchParams(query)) },
    headers: { host: 'oort.test', ...headers },
    ...(cookies === undefined ? {} : { cookies: [...cookies] }),
    requestContext: { http: { method, sourceIp: '203.0.113.9' } },
    isBase64Encoded: false,
    ...rest,
  }
}

/** What both hosts must agree on: all but the request's id and challenges, of which no two are alike. */
function essence(answer: LambdaAnswer) {
  const { statusCode: status, headers } = answer
  const text = withoutMoment(answer.body)
  const { 'content-type': type, 'x-request-id': id } = headers
  return withoutRequestId({ status, headers: { 'content-type': type, 'x-request-id': id }, text })
}

async function routed({ method, path, query = '', headers, cookies, body }: Sent) {
  const answer = await ask(oort.origin, {
    ...(method === undefined ? {} : { method }),
    path: query === '' ? path : `${path}?${query}`,
    headers: { ...headers, ...(cookies === undefined ? {} : { cookie: cookies.join('; ') }) },
    ...(body === undefined ? {} : { body }),
  })
  return essence({ statusCode: answer.status, headers: answer.headers as Record<string, string>, body: answer.text })
}

const handlers = new Map<string, LambdaHandler>()
for (const name of capabilityNames) {
  const { handler } = (await import(`../../functions/${name}/lambda.ts`)) as { handler: LambdaHandler }
  handlers.set(name, handler)
}
const invoke = async (name: string, sent: Sent) => (await handlers.get(name)?.(eventOf(sent), context)) as LambdaAnswer

describe('L1 each handler answers as the router does', async () => {
  const { cookie } = await oort.signedIn()

  test.each(routesByFunction(oort).filter(([name]) => !ofTheHost.includes(name)))(
    '%s',
    async (_name, capability, route) => {
      const sent = requestFor(route, oort.publicUrl)
      expect(essence(await invoke(capability, sent))).toEqual(await routed(sent))
      if (unrepeatable.includes(route.name)) return
      const signedIn = { ...sent, cookies: [cookie] }
      expect(essence(await invoke(capability, signedIn))).toEqual(await routed(signedIn))
    },
  )

  test('a query as the caller wrote it', async () => {
    for (const query of [
      'limit=1,2',
      'limit=1&limit=2',
      'limit=1',
      'before=1&limit=2',
      'q=%00',
      'limit=%zz',
      'a[b]=1',
    ]) {
      const sent = { path: '/api/auth/audit', query, cookies: [cookie] }
      expect([query, essence(await invoke('auth', sent))]).toEqual([query, await routed(sent)])
    }
  })

  test('a cookie that one sets is a session for the other', async () => {
    const email = 'lambda@example.com'
    await oort.signedIn(email)
    const body = Buffer.from(JSON.stringify({ email, password })).toString('base64')
    const answer = await invoke('auth', {
      method: 'POST',
      path: '/api/auth/sign-in',
      headers: { origin: oort.publicUrl, 'content-type': 'application/json' },
      body,
      isBase64Encoded: true,
    })
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([200, undefined])
    const [set = ''] = answer.cookies ?? []
    expect(set).toMatch(/^__Host-oort=.*; HttpOnly; Secure; SameSite=Lax$/i)
    const me = { path: '/api/auth/me', cookies: [set.split(';')[0] ?? ''] }
    expect(await routed(me)).toMatchObject({ status: 200 })
    expect(await routed(me)).toEqual(essence(await invoke('auth', me)))
  })
})

describe('a handler', () => {
  const probe = lambdaHandler(process.env, () => ({
    name: 'probe',
    operations: [
      operation({
        method: 'GET',
        url: '/test/address',
        access: 'public',
        summary: 'Tell the address',
        schema: { response: { 200: z.object({ ip: z.string(), gone: z.boolean() }) } },
        handle: async ({ ip, signal }, reply) => reply(200, { ip, gone: signal.aborted }),
      }),
      operation({
        method: 'GET',
        url: '/test/binary',
        access: 'public',
        summary: 'Answer with every byte',
        schema: { response: { 200: z.string() } },
        handle: async () => bytes(200, 'application/zip', Buffer.from([...Array(256).keys()])),
      }),
    ],
  }))

  test('N3 takes the address from the gateway, whatever the request says', async () => {
    const spoofed = {
      'x-forwarded-for': '198.51.100.1',
      'x-apigateway-event': encodeURIComponent('{"requestContext":{"http":{"sourceIp":"198.51.100.1"}}}'),
      'x-apigateway-context': encodeURIComponent('{}'),
    }
    const { body } = await probe(eventOf({ path: '/test/address', headers: spoofed }), context)
    expect(JSON.parse(body)).toEqual({ ip: '203.0.113.9', gone: false })
  })

  test('encodes what is no text', async () => {
    const { body, isBase64Encoded } = await probe(eventOf({ path: '/test/binary' }), context)
    expect(isBase64Encoded).toBe(true)
    expect([...Buffer.from(body, 'base64')]).toEqual([...Array(256).keys()])
  })

  test('refuses an event of another form, and says so in the log alone', async () => {
    for (const event of [undefined, {}, { version: '1.0', path: '/', httpMethod: 'GET' }]) {
      await expect(probe(event, context)).rejects.toThrow(z.ZodError)
    }
  })

  test('opens nothing until it is called, and tries again after a start that failed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'oort-lambda-'))
    const env: Record<string, string> = {
      ...oort.env,
      OORT_LOG_LEVEL: 'silent',
      OORT_DATA_DIR: join(directory, 'data'),
      DATABASE_URL: '',
      BYOK_MASTER_KEY: 'short',
    }
    const handler = lambdaHandler(env, () => ({ name: 'none', operations: [] }))
    await expect(handler(eventOf({ path: '/' }), context)).rejects.toThrow(ConfigError)
    expect(existsSync(join(directory, 'data'))).toBe(false)
    env['BYOK_MASTER_KEY'] = randomBytes(32).toString('base64')
    expect(await handler(eventOf({ path: '/' }), context)).toMatchObject({ statusCode: 404 })
    await rm(directory, { recursive: true, force: true })
  })
})

test('L1 npm run invoke prints the answer to an event, from a file or standard input', async () => {
  const sent = { path: '/api/auth/me' }
  const event = JSON.stringify(eventOf(sent))
  const file = join(oort.dataDir, 'event.json')
  await writeFile(file, event)
  const ends = await Promise.all([
    start('infra/invoke.ts', ['auth', file], oort.env).ended,
    start('infra/invoke.ts', ['auth', '-'], oort.env, event).ended,
    start('infra/invoke.ts', ['auth', '-'], oort.env, 'no event').ended,
    start('infra/invoke.ts', ['nobody', '-'], oort.env, event).ended,
  ])
  const expected = await routed(sent)
  for (const { exitCode, stdout, stderr } of ends.slice(0, 2)) {
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(essence(JSON.parse(stdout) as LambdaAnswer)).toEqual(expected)
  }
  expect(ends[2]?.exitCode).toBe(65)
  expect(ends[3]).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('auth, ') })
}, 120_000)
