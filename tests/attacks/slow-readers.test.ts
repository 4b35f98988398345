import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import Fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cutSlowReaders } from '../../core/http/slow-readers.ts'
import { type Caddy, caddyfile, startCaddy } from '../support/caddy.ts'
import { heldConnections } from './connections.ts'

// What bar N1 asks for is not reached here: Caddy has one limit on writing an answer, made for streams of minutes, and
// none on a reader who stopped. This shows what ends such a connection instead. See SECURITY.md, Transport.

const upstream = Fastify()
cutSlowReaders(upstream, () => undefined, { sweepMs: 50, patienceMs: 500, leastBytes: 16 * 1_024 })
// More than the buffers of the kernel hold on all three connections.
upstream.get('/api/much', async (_request, reply) => reply.send(Buffer.alloc(64 * 1_024 * 1_024)))

let folder: string
let caddy: Caddy
beforeAll(async () => {
  const upstreamPort = Number(new URL(await upstream.listen({ host: '127.0.0.1', port: 0 })).port)
  folder = await mkdtemp(join(tmpdir(), 'oort-readers-'))
  const shortened = join(folder, 'Caddyfile')
  const told = await readFile(caddyfile, 'utf8')
  expect(told).toContain('\t\t\twrite 15m\n')
  await writeFile(shortened, told.replace('\t\t\twrite 15m\n', '\t\t\twrite 5s\n'))
  caddy = await startCaddy({ upstreamPort, caddyfile: shortened })
})
afterAll(async () => {
  await caddy?.stop()
  upstream.server.closeAllConnections()
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
})

test('N1 a reader through Caddy who takes nothing is let go by the router, and by Caddy when its limit on writing ends', async () => {
  const begun = once(upstream.server, 'connection')
  const reader = connect({ host: '127.0.0.1', servername: 'localhost', port: caddy.port, ca: caddy.ca })
  reader.on('error', () => undefined).pause()
  reader.write('GET /api/much HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [theirs] = (await begun) as [Socket]
  await once(theirs, 'close')
  const held = async () => [...(await heldConnections(caddy.pid, caddy.port)).values()].includes(reader.localPort ?? 0)
  expect(await held()).toBe(true)
  await expect.poll(held).toBe(false)
  reader.destroy()
})
