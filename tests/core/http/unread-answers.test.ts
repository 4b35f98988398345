import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { minute } from '../../../core/clock.ts'
import { answerErrors } from '../../../core/http/answer-errors.ts'
import { createCallCounter } from '../../../core/http/call-counter.ts'
import { type Access, bytes, operation } from '../../../core/http/operation.ts'
import { registerOperation } from '../../../core/http/register-operation.ts'
import { validateWithZod } from '../../../core/http/schema-compilers.ts'
import { serverOptions } from '../../../core/http/server-options.ts'
import { cutSlowReaders } from '../../../core/http/slow-readers.ts'
import { createUnreadAnswers, mostWaiting, unreadAnswersOf, unreadLimit } from '../../../core/http/unread-answers.ts'
import { startOort, type TestOort } from '../../support/oort.ts'

/** More than the kernel's buffers hold. */
const much = Buffer.alloc(16 * 1_024 * 1_024)
let now = Date.now()
let oort: TestOort
let app: FastifyInstance
let port: number
const readers: Socket[] = []
const counted: Promise<void>[] = []

beforeAll(async () => {
  oort = await startOort({ clock: () => now })
})
beforeEach(async () => {
  now = Date.now()
  app = await host(200)
})
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.destroy()
  app.server.closeAllConnections()
  await app.close()
})
afterAll(() => oort?.close())

const answerOf = (method: 'GET' | 'POST', url: string, access: Access, size: number) =>
  operation({
    ...{ method, url, access, summary: 'Answer with much or little' },
    schema: { response: { 200: z.unknown() } },
    async handle() {
      // All that are asked for at once are let in before the first of them is answered.
      if (size > 10) await sleep(100)
      return bytes(200, 'application/octet-stream', much.subarray(0, size))
    },
  })

/** Oort's own guards and its own cut, which comes sooner here. */
async function host(patienceMs: number): Promise<FastifyInstance> {
  const { platform } = oort
  const made: FastifyInstance = Fastify(serverOptions(platform.config))
  made.decorate('faults', platform.faults)
  cutSlowReaders(made, (socket) => counted.push(unreadAnswersOf(platform).count(socket)), {
    ...{ sweepMs: 20, patienceMs, leastBytes: 16 * 1_024 },
  })
  validateWithZod(made)
  answerErrors(made)
  for (const [url, access] of [
    ['/mine', 'runs:read'],
    ['/public', 'public'],
  ] as const) {
    registerOperation(made, platform, answerOf('GET', url, access, much.length))
    registerOperation(made, platform, answerOf('GET', `${url}/little`, access, 10))
  }
  port = Number(new URL(await made.listen({ host: '127.0.0.1', port: 0 })).port)
  return made
}

/** A reader who asks and reads nothing; answers with the server's end of its connection. */
async function leaveUnread(path: string, headers: Readonly<Record<string, string>>): Promise<Socket> {
  const accepted = once(app.server, 'connection')
  const reader = connect(port, '127.0.0.1').on('error', () => undefined)
  readers.push(reader.pause())
  const lines = Object.entries({ host: 'oort.test', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  reader.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return ((await accepted) as [Socket])[0]
}

async function leaveManyUnread(count: number, path: string, headers: Readonly<Record<string, string>>): Promise<void> {
  for (let left = 0; left < count; left += 1) await once(await leaveUnread(path, headers), 'close')
  await Promise.all(counted.splice(0))
}

async function statusOf(path: string, headers: Readonly<Record<string, string>>) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  await answer.arrayBuffer()
  return [answer.status, answer.headers.get('retry-after')] as const
}

const from = (address: string) => ({ 'x-forwarded-for': address })

async function signedInWithKey() {
  const browser = await oort.signedIn()
  const issued = await browser.post('/api/api-keys', { name: 'reader', scopes: ['runs:read'] })
  return { cookie: { cookie: browser.cookie }, key: { authorization: `Bearer ${issued.json()['token']}` } }
}

test('N1 who leaves more answers unread than a bad link would is refused for what is left of 15 minutes, by key and by session', async () => {
  const [ada, ben] = [await signedInWithKey(), await signedInWithKey()]
  await leaveManyUnread(unreadLimit.calls - 1, '/mine', ada.key)
  await leaveManyUnread(1, '/mine', ada.cookie)
  expect(await statusOf('/mine/little', ada.key)).toEqual([200, null])
  now += 5 * minute
  await leaveManyUnread(1, '/mine', ada.key)
  expect(await statusOf('/mine/little', ada.key)).toEqual([429, '600'])
  expect(await statusOf('/mine/little', ada.cookie)).toEqual([429, '600'])
  expect(await statusOf('/mine/little', ben.key)).toEqual([200, null])
  expect(await statusOf('/public/little', {})).toEqual([200, null])
  now += 10 * minute
  expect(await statusOf('/mine/little', ada.key)).toEqual([200, null])
})

test('N1 where nobody is signed in, the address is refused', async () => {
  await leaveManyUnread(unreadLimit.calls + 1, '/public', from('192.0.2.7'))
  expect(await statusOf('/public/little', from('192.0.2.7'))).toEqual([429, '900'])
  expect(await statusOf('/public/little', from('192.0.2.8'))).toEqual([200, null])
})

test('N1 of answers that are asked for at once only so many wait for the readers of one caller', async () => {
  await app.close()
  app = await host(60_000)
  const [ada, ben] = [await signedInWithKey(), await signedInWithKey()]
  const accepted: Socket[] = []
  app.server.on('connection', (socket) => accepted.push(socket)).setMaxListeners(0)
  for (let asked = 0; asked < 3 * mostWaiting; asked += 1) void leaveUnread('/mine', ada.key)
  const waiting = () => accepted.filter(({ writableLength }) => writableLength > 0).length
  await expect.poll(() => accepted.length).toBe(3 * mostWaiting)
  await expect.poll(waiting).toBe(mostWaiting)
  expect(await statusOf('/mine/little', ada.key)).toEqual([429, '1'])
  expect(await statusOf('/mine', ben.key)).toEqual([200, null])
  for (const reader of readers) reader.resume()
  await expect.poll(waiting).toBe(0)
  expect(await statusOf('/mine', ada.key)).toEqual([200, null])
})

test('N1 a connection that a proxy uses for many is put down to whose answer is on it', async () => {
  const accepted = once(app.server, 'connection')
  const proxy = connect(port, '127.0.0.1').on('error', () => undefined)
  readers.push(proxy)
  const ask = (path: string, address: string) =>
    proxy.write(`GET ${path} HTTP/1.1\r\nHost: oort.test\r\nX-Forwarded-For: ${address}\r\n\r\n`)
  ask('/public/little', '192.0.2.20')
  const [theirs] = (await accepted) as [Socket]
  await once(proxy, 'data')
  await leaveManyUnread(unreadLimit.calls, '/public', from('192.0.2.20'))
  await leaveManyUnread(unreadLimit.calls, '/public', from('192.0.2.21'))
  proxy.pause()
  ask('/public', '192.0.2.21')
  await once(theirs, 'close')
  expect(await statusOf('/public/little', from('192.0.2.20'))).toEqual([200, null])
  expect(await statusOf('/public/little', from('192.0.2.21'))).toEqual([429, '900'])
})

test('N1 processes that count together refuse a caller at the first answer that is cut in each', async () => {
  const calls = createCallCounter(() => now)
  const [here, there] = [0, 1].map(() => createUnreadAnswers({ calls, clock: () => now }))
  const [socket] = [await leaveUnread('/public', from('192.0.2.30'))]
  if (here === undefined || there === undefined) throw new Error('two')
  await here.admit('ada', socket)
  await there.admit('ada', socket)
  for (let cut = 0; cut <= unreadLimit.calls; cut += 1) await here.count(socket)
  await expect(here.admit('ada', socket)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  await there.admit('ada', socket)
  await there.count(socket)
  await expect(there.admit('ada', socket)).rejects.toMatchObject({ code: 'RATE_LIMITED', facts: { retryAfter: 900 } })
})
