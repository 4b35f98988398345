import type { Socket } from 'node:net'
import { type ErrorCode, OortError } from '../errors.ts'
import { newId } from '../ids.ts'
import { problemHeaders, toProblem } from './problem.ts'

const codes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
}

/** Answers a connection whose request could not even be read, in the same form as every other error. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal = new OortError(codes[error.code ?? ''] ?? 'HEADERS_INVALID')
  const body = JSON.stringify(toProblem(refusal, newId('request')))
  const head = Object.entries({
    ...problemHeaders(refusal),
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${refusal.status} ${refusal.code}\r\n${head.join('\r\n')}\r\n\r\n${body}`)
}
