import { once } from 'node:events'
import { Agent, get, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bytes, type Call, operation } from '../../core/http/operation.ts'
import { limits } from '../../core/http/server-options.ts'
import { ask, talk } from '../support/http.ts'
import { startOort, type TestOort } from '../support/oort.ts'

/** A stream that a test fills by hand, and what became of the call that it answers. */
interface Held {
  readonly stream: Readable
  readonly signal: AbortSignal
}

let held: Held | undefined
const hold = () =>
  operation({
    method: 'GET',
    url: '/test/hold',
    access: 'public',
    summary: 'Hold a stream open',
    schema: { response: { 200: z.string() } },
    async handle({ signal }: Call<'public', { response: { 200: z.ZodString } }>) {
      held = { stream: new Readable({ read: () => undefined }), signal }
      held.stream.push('first\n')
      return bytes(200, 'text/plain', held.stream)
    },
  })

let oort: TestOort
beforeAll(async () => {
  oort = await startOort({ extra: () => ({ name: 'hold', operations: [hold()] }) })
})
afterAll(() => oort.close())

/** An answer as one connection shows it: the first line, the headers and the body. */
function read(heard: string) {
  const [head = '', body = ''] = heard.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(lines.map((each) => each.toLowerCase().split(': ') as [string, string]))
  return { status: Number(line.split(' ')[1]), headers, body }
}

describe('H4 what Node cannot read is answered with a problem document, once, and the connection ends', () => {
  const host = 'Host: oort.test\r\n'
  const cases: readonly (readonly [string, number, string, string])[] = [
    ['garbage', 400, 'HEADERS_INVALID', 'nonsense\r\n\r\n'],
    ['TLS', 400, 'HEADERS_INVALID', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2', 400, 'HEADERS_INVALID', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown method', 400, 'HEADERS_INVALID', `BREW / HTTP/1.1\r\n${host}\r\n`],
    ['a header without a name', 400, 'HEADERS_INVALID', `GET / HTTP/1.1\r\n${host}: x\r\n\r\n`],
    ['a space before the colon', 400, 'HEADERS_INVALID', `GET / HTTP/1.1\r\n${host}Origin : x\r\n\r\n`],
    [
      'two hosts',
      400,
      'HEADERS_INVALID',
      `GET /healthz HTTP/1.1\r\n${host}Host: evil.example\r\nConnection: close\r\n\r\n`,
    ],
    ['NUL in a header', 400, 'HEADERS_INVALID', `GET / HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`],
    [
      'two lengths',
      400,
      'HEADERS_INVALID',
      `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\na`,
    ],
    [
      'a length and chunks',
      400,
      'HEADERS_INVALID',
      `POST / HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'chunks that are not the last encoding',
      400,
      'HEADERS_INVALID',
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
    ],
    ['a header of 17 KB', 431, 'HEADERS_TOO_LARGE', `GET / HTTP/1.1\r\n${host}X: ${'a'.repeat(17 * 1_024)}\r\n\r\n`],
    ['a cookie of 17 KB', 431, 'HEADERS_TOO_LARGE', `GET / HTTP/1.1\r\n${host}Cookie: ${'a=b;'.repeat(4_400)}\r\n\r\n`],
    ['an address of 17 KB', 431, 'HEADERS_TOO_LARGE', `GET /${'a'.repeat(17 * 1_024)} HTTP/1.1\r\n${host}\r\n`],
  ]
  test.each(cases)('%s', async (_what, status, code, sent) => {
    const heard = await talk(oort.origin, Buffer.from(sent, 'latin1'))
    const answer = read(heard)
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', connection: 'close' })
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    expect(Number(answer.headers['content-length'])).toBe(answer.body.length)
    expect(JSON.parse(answer.body)).toMatchObject({ status, code })
    expect(heard.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  test('a request without Host', async () => {
    const answer = read(await talk(oort.origin, 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'))
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, code: 'HEADERS_INVALID' })
  })

  test('an expectation that we do not know is passed over', async () => {
    const answer = await ask(oort.origin, { path: '/healthz', headers: { expect: 'tea' } })
    expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}'])
  })

  test('N2 a body of 10 MB, whether its length is told or not', async () => {
    const post = `POST /api/auth/sign-in HTTP/1.1\r\n${host}Origin: ${oort.publicUrl}\r\nContent-Type: application/json\r\n`
    const megabytes = 'a'.repeat(10 * 1_024 * 1_024)
    for (const framed of [
      `Content-Length: ${megabytes.length}\r\n\r\n${megabytes}`,
      `Transfer-Encoding: chunked\r\n\r\n${megabytes.length.toString(16)}\r\n${megabytes}\r\n0\r\n\r\n`,
    ]) {
      // The connection serves on, once the body is gone.
      const next = 'GET /healthz HTTP/1.1\r\nHost: oort.test\r\nConnection: close\r\n\r\n'
      const [refusal = '', health = ''] = (await talk(oort.origin, post + framed + next)).split(/(?<=\})(?=HTTP)/)
      const { headers, body } = read(refusal)
      expect(JSON.parse(body)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' })
      expect(headers).not.toHaveProperty('connection')
      expect(read(health).status).toBe(200)
    }
  })
})

test('N2 an answer that needs no body comes when the body is whole, lest a proxy that still sends it cuts the answer off', async () => {
  const { hostname, port } = new URL(oort.origin)
  const socket = connect(Number(port), hostname)
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk.toString()
  })
  socket.write('GET /healthz HTTP/1.1\r\nHost: oort.test\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{')
  // Another request is answered meanwhile.
  expect((await ask(oort.origin, { path: '/healthz' })).status).toBe(200)
  expect(heard).toBe('')
  socket.write('}')
  await once(socket, 'close')
  expect(read(heard).status).toBe(200)
})

describe('N1 every phase of a connection has its limit', () => {
  test('as configured', () => {
    const { server } = oort.app
    expect(server).toMatchObject({
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveMs,
      timeout: limits.socketIdleMs,
      maxRequestsPerSocket: limits.requestsPerSocket,
    })
    expect([limits.headersTimeoutMs, limits.requestTimeoutMs, limits.keepAliveMs].every((ms) => ms <= 30_000)).toBe(
      true,
    )
  })

  test('H4 a head or a body that comes too slowly is answered 408 and its connection ends', async () => {
    const hasty = await startOort()
    // The server looks for late requests every two seconds, whatever the limits.
    hasty.app.server.headersTimeout = 200
    hasty.app.server.requestTimeout = 400
    const body = `Origin: ${hasty.publicUrl}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`
    const heard = await Promise.all(
      ['X: y', body].map((rest) => talk(hasty.origin, `POST /api/auth/sign-in HTTP/1.1\r\nHost: oort.test\r\n${rest}`)),
    )
    for (const each of heard) {
      expect(JSON.parse(read(each).body)).toMatchObject({ status: 408, code: 'REQUEST_TIMEOUT' })
    }
    await hasty.close()
  })

  test('N1 who is late, keeps an end open and goes on sending is cut', async () => {
    const hasty = await startOort()
    hasty.app.server.headersTimeout = 200
    hasty.app.server.requestTimeout = 400
    const { hostname, port } = new URL(hasty.origin)
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true }).resume()
    const head = `Origin: ${hasty.publicUrl}\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n`
    socket.write(`POST /api/auth/sign-in HTTP/1.1\r\nHost: oort.test\r\n${head}\r\n{`)
    await once(socket, 'end')
    const sending = setInterval(() => socket.write(' '), 50)
    await expect(once(socket, 'close')).rejects.toMatchObject({ code: expect.stringMatching(/EPIPE|ECONNRESET/) })
    clearInterval(sending)
    await hasty.close()
  })
})

/** Asks for the held stream and answers when its first bytes are there. */
async function openStream(): Promise<IncomingMessage> {
  const sent = request(`${oort.origin}/test/hold`)
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  await once(answer, 'readable')
  return answer
}

describe('an answer that is under way', () => {
  test('and fails is cut, so that the caller sees that it is not whole', async () => {
    const answer = await openStream()
    const whole = buffer(answer)
    held?.stream.destroy(new Error('upstream broke'))
    await expect(whole).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  test('is ended and its signal told when the caller is gone', async () => {
    const answer = await openStream()
    const { stream, signal } = held ?? {}
    expect(signal?.aborted).toBe(false)
    answer.destroy()
    await once(stream as Readable, 'close')
    expect(signal).toMatchObject({ aborted: true, reason: { code: 'RUN_CANCELLED' } })
  })

  test('and ends well tells its signal nothing', async () => {
    const answer = await openStream()
    const { stream, signal } = held ?? {}
    stream?.push(null)
    expect((await buffer(answer)).toString()).toBe('first\n')
    await sleep(20)
    expect(signal?.aborted).toBe(false)
  })

  test('has no second answer put into it by garbage on its connection', async () => {
    const { hostname, port } = new URL(oort.origin)
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString()
    })
    socket.write('GET /test/hold HTTP/1.1\r\nHost: oort.test\r\n\r\n')
    await expect.poll(() => heard).toContain('first')
    socket.write('nonsense\r\n\r\n')
    await once(socket, 'close')
    expect(heard.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(heard).not.toContain('problem+json')
  })

  test('is not begun for HEAD', async () => {
    const { status, text } = await ask(oort.origin, { method: 'HEAD', path: '/test/hold' })
    expect([status, text]).toEqual([200, ''])
    await expect.poll(() => held?.stream.destroyed).toBe(true)
  })
})

describe('a host that closes', () => {
  test('waits for a stream under way, and not for the connection that it came on', async () => {
    const closing = await startOort({ extra: () => ({ name: 'hold', operations: [hold()] }) })
    const agent = new Agent({ keepAlive: true })
    const [answer] = (await once(get(`${closing.origin}/test/hold`, { agent }), 'response')) as [IncomingMessage]
    const body = buffer(answer)
    const order: string[] = []
    const closed = closing.close().then(() => order.push('closed'))
    await expect.poll(() => ask(closing.origin, { path: '/healthz' }).then(String, () => 'refused')).toBe('refused')
    order.push('ended')
    held?.stream.push(null)
    const begun = performance.now()
    expect((await body).toString()).toBe('first\n')
    await closed
    expect(order).toEqual(['ended', 'closed'])
    expect(performance.now() - begun).toBeLessThan(2_000)
  })
})
