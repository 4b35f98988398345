import { once } from 'node:events'
import { request as plainly } from 'node:http'
import { request as byTls } from 'node:https'
import { buffer } from 'node:stream/consumers'
import type { Answered, Asked } from '../support/http.ts'
import type { Door } from './fort.ts'

/** One request at a door with these headers and no others but Host and Content-Length. */
export async function askAt(door: Door, { method = 'GET', path, headers = {}, body }: Asked): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>()
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  const options = {
    host: '127.0.0.1',
    port: door.port,
    method,
    path,
    headers: { host: door.host, ...headers, ...length },
    ...(door.ca === undefined ? {} : { servername: 'localhost', ca: door.ca }),
  }
  const sent = (door.ca === undefined ? plainly : byTls)(options, (answer) => {
    buffer(answer).then(
      (bytes) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString() }),
      reject,
    )
  })
  sent.on('error', reject)
  sent.end(body)
  return promise
}

/** What comes back on one connection for these bytes until it ends, or for as long as `quietMs` brings nothing more. */
export async function talkAt(door: Door, bytes: string | Buffer, quietMs = 1_500): Promise<string> {
  const socket = await door.open()
  let heard = ''
  socket.setTimeout(quietMs, () => socket.destroy())
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1')
  })
  socket.on('end', () => socket.destroy())
  socket.write(bytes)
  await once(socket, 'close').catch(() => undefined)
  return heard
}
