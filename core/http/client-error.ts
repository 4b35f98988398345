import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { second } from '../clock.ts'
import { type ErrorCode, OortError } from '../errors.ts'
import { newId } from '../ids.ts'
import { commonHeaders } from './common-headers.ts'
import { problemHeaders, toProblem } from './problem.ts'

/** How long a connection that was refused is still read, lest a reset overtake the refusal. */
const lingerMs = second

const codes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'BODY_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
}

/** `_httpMessage` is the answer under way: Node's own handler of these errors looks at it too. */
type HttpSocket = Socket & { readonly _httpMessage?: ServerResponse | null }

/**
 * Answers a connection whose request could not even be read, in the same form as every other error, and ends it.
 * Where an answer is half sent the connection is cut instead: a second answer inside the first would be read as part
 * of it. Who keeps the other end open and goes on sending is cut too, a second later.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: HttpSocket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
    socket.destroy()
    return
  }
  const refusal = new OortError(codes[error.code ?? ''] ?? 'HEADERS_INVALID')
  const requestId = newId('request')
  const body = JSON.stringify(toProblem(refusal, requestId))
  const head = Object.entries({
    ...commonHeaders(requestId),
    ...problemHeaders(refusal),
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${refusal.status} ${refusal.code}\r\n${head.join('\r\n')}\r\n\r\n${body}`)
  setTimeout(() => socket.destroy(), lingerMs).unref()
}
