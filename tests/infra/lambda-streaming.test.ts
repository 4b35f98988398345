import { once } from 'node:events'
import { PassThrough, type Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import * as z from 'zod'
import { type StreamingHandler, streamingLambdaHandler } from '../../core/http/lambda.ts'
import { bytes, operation } from '../../core/http/operation.ts'
import { openLab } from '../functions/runs/lab.ts'
import { ask } from '../support/http.ts'

const lab = await openLab()
afterAll(() => lab[Symbol.asyncDispose]())

/** The part of the managed runtime that streams. Source: AWS's runtime interface client for Node.js. */
globalThis.awslambda = {
  streamifyResponse: (handler) => handler,
  HttpResponseStream: { from: (to, metadata) => Object.assign(to, { metadata }) },
}
type ResponseStream = PassThrough & { readonly metadata?: { readonly statusCode: number; readonly headers: object } }

Object.assign(process.env, lab.oort.env, { OORT_LOG_LEVEL: 'silent' })
const context = { callbackWaitsForEmptyEventLoop: false } as Parameters<StreamingHandler>[2]
const { handler } = (await import('../../functions/runs/lambda.ts')) as { handler: StreamingHandler }

const eventOf = (method: string, rawPath: string, headers: Readonly<Record<string, string>>, body?: unknown) => ({
  version: '2.0',
  rawPath,
  rawQueryString: '',
  headers,
  requestContext: { http: { method, sourceIp: '203.0.113.9' } },
  isBase64Encoded: false,
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
})

test('L1 a streamed answer is, byte for byte, that of the router', async () => {
  const { token } = await lab.person()
  const body = { model: 'gpt-5.4', messages: [{ role: 'user', content: 'hello' }], stream: true }
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const to: ResponseStream = new PassThrough()
  const [streamed] = await Promise.all([
    buffer(to),
    handler(eventOf('POST', '/v1/chat/completions', headers, body), to, context),
  ])
  const routed = await ask(lab.oort.origin, {
    method: 'POST',
    path: '/v1/chat/completions',
    headers,
    body: JSON.stringify(body),
  })
  const withoutTimes = (text: string) => text.replaceAll(/"(id|created)":("[^"]*"|\d+)/g, '"$1":0')
  expect(withoutTimes(streamed.toString())).toBe(withoutTimes(routed.text))
  expect(to.metadata).toMatchObject({ statusCode: 200, headers: { 'content-type': routed.headers['content-type'] } })
})

test('L1 an error is answered with its status before anything is streamed', async () => {
  const to: ResponseStream = new PassThrough()
  const [body] = await Promise.all([buffer(to), handler(eventOf('GET', '/api/runs', {}), to, context)])
  expect(to.metadata).toMatchObject({ statusCode: 401, headers: { 'content-type': 'application/problem+json' } })
  expect(JSON.parse(body.toString())).toMatchObject({ code: 'UNAUTHENTICATED' })
})

let source = new PassThrough()
const probe = streamingLambdaHandler(process.env, () => ({
  name: 'probe',
  operations: [
    operation({
      method: 'GET',
      url: '/test/stream',
      access: 'public',
      summary: 'Stream what the test writes',
      schema: { response: { 200: z.string() } },
      handle: async () => bytes(200, 'text/plain', source),
    }),
  ],
})) as (event: unknown, to: Writable, context: unknown) => Promise<void>

test('L1 each chunk goes out as it comes, and a stream that fails is cut', async () => {
  source = new PassThrough()
  const to = new PassThrough()
  const handled = probe(eventOf('GET', '/test/stream', {}), to, context)
  for (const chunk of ['one', 'two']) {
    source.write(chunk)
    expect(String((await once(to, 'data'))[0])).toBe(chunk)
  }
  source.destroy(new Error('upstream broke'))
  await expect(handled).rejects.toThrow()
  expect([to.destroyed, to.readableEnded]).toEqual([true, false])
})

test('L1 an empty stream is an answer too', async () => {
  source = new PassThrough()
  source.end()
  const to = new PassThrough()
  const [body] = await Promise.all([buffer(to), probe(eventOf('GET', '/test/stream', {}), to, context)])
  expect(body).toHaveLength(0)
})
