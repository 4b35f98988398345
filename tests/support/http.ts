import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Asked {
  readonly method?: string
  readonly path: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** One request with these headers and no others but Host and Content-Length. */
export function ask(origin: string, { method = 'GET', path, headers = {}, body }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(origin + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
    })
    sent.on('error', reject)
    sent.on('response', (answer) => {
      buffer(answer).then(
        (bytes) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString() }),
        reject,
      )
    })
    sent.end(body)
  })
}

/** What comes back on one connection for these bytes, up to its end. The connection is left open on our side. */
export function talk(origin: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(origin)
    const socket = connect(Number(port), hostname)
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
    })
    // A server that closes with bytes unread resets the connection; what it said before is what counts.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(heard))
    socket.write(bytes)
  })
}

/** What differs between two answers to like requests by design. */
export function withoutRequestId({ status, headers, text }: Answered): unknown {
  const { 'x-request-id': _, date: __, ...rest } = headers
  return { status, headers: rest, text: text.replaceAll(/req_[0-9a-f-]{36}/g, 'req') }
}
