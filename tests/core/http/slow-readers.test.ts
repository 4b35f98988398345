import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cutSlowReaders } from '../../../core/http/slow-readers.ts'

const app = Fastify()
cutSlowReaders(app, () => undefined, { sweepMs: 20, patienceMs: 1_000, leastBytes: 16 * 1_024 })
app.get('/much', async (_request, reply) => reply.send(Buffer.alloc(32 * 1_024 * 1_024)))
app.get('/held', async (_request, reply) => reply.send(new Readable({ read: () => undefined })))
let port: number
beforeAll(async () => {
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
})
afterAll(async () => {
  app.server.closeAllConnections()
  await app.close()
})

/** A connection of which nothing is read; answers with it and with the server's end of it. */
async function ask(path: string): Promise<readonly [Socket, Socket]> {
  const accepted = once(app.server, 'connection')
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  socket.pause()
  socket.write(`GET ${path} HTTP/1.1\r\nHost: oort.test\r\n\r\n`)
  const [theirs] = (await accepted) as [Socket]
  return [socket, theirs]
}

test('N1 a connection whose reader takes nothing of its answer is ended', async () => {
  const [reader, theirs] = await ask('/much')
  await once(theirs, 'close')
  reader.destroy()
})

test('N1 a reader who takes what there is keeps the connection, also while there is nothing to take', async () => {
  const [held, theirs] = await ask('/held')
  const [reader] = await ask('/much')
  let heard = 0
  reader.on('data', (chunk) => {
    heard += chunk.length
  })
  reader.resume()
  await expect.poll(() => heard).toBeGreaterThan(32 * 1_024 * 1_024)
  await sleep(2_000)
  expect(theirs.destroyed).toBe(false)
  for (const socket of [held, reader]) socket.destroy()
})
