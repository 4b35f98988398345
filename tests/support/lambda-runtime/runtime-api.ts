import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** What a function posted for an invocation. The body of a stream ends with an error where the function cut it. */
export type Posted =
  | { readonly kind: 'buffered'; readonly payload: unknown }
  | { readonly kind: 'stream'; readonly contentType: string; readonly body: AsyncIterable<Buffer> }
  | { readonly kind: 'error'; readonly errorType: string; readonly payload: unknown }

export interface RuntimeApi {
  /** Host and port, for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string
  /** Hands an event to the function, after those before it, and answers with what it posts. */
  invoke(event: unknown): Promise<Posted>
  /** Answers when the function asks for work and there is none: then Lambda freezes it. */
  idle(): Promise<void>
  /** The error that the function could not start with. */
  readonly initError: Promise<unknown>
  close(): void
}

interface Invocation {
  readonly id: string
  readonly event: unknown
  readonly posted: (posted: Posted) => void
}

export interface RuntimeApiOptions {
  /** Milliseconds until the deadline that an invocation is told. */
  readonly timeout?: number
}

const limits = { response: 6 * 1_024 * 1_024 }

/**
 * The Runtime API of one execution environment, as AWS Lambda offers it to a runtime: one invocation at a time, the next
 * when the one before has been answered. What is not in the protocol is refused as Lambda does.
 * Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes" (2018-06-01) and, of streams,
 * "Building a custom runtime": the header of the response mode, chunked transfer, errors mid-stream in trailers.
 */
export async function startRuntimeApi({ timeout = 30_000 }: RuntimeApiOptions = {}): Promise<RuntimeApi> {
  const waiting: Invocation[] = []
  let asking: ServerResponse | undefined
  let current: Invocation | undefined
  let whenIdle: (() => void)[] = []
  const init = Promise.withResolvers<unknown>()

  function hand(): void {
    if (asking === undefined || current !== undefined) return
    current = waiting.shift()
    if (current === undefined) {
      for (const tell of whenIdle) tell()
      whenIdle = []
      return
    }
    asking.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': current.id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + timeout),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-central-1:123456789012:function:oort',
      'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0',
    })
    asking.end(JSON.stringify(current.event))
    asking = undefined
  }

  async function take(kind: string, request: IncomingMessage, invocation: Invocation): Promise<void> {
    const { headers } = request
    if (kind === 'error') {
      const errorType = String(headers['lambda-runtime-function-error-type'])
      return invocation.posted({ kind: 'error', errorType, payload: JSON.parse(await text(request)) })
    }
    if (headers['lambda-runtime-function-response-mode'] !== 'streaming') {
      return invocation.posted({ kind: 'buffered', payload: JSON.parse(await text(request)) })
    }
    if (headers['transfer-encoding'] !== 'chunked') throw new RangeError('a stream is sent in chunks')
    const body = new Readable({ read: () => undefined })
    invocation.posted({ kind: 'stream', contentType: String(headers['content-type']), body })
    const cut = (reason: string) => body.destroy(new Error(reason))
    for await (const chunk of request) body.push(chunk)
    const errorType = request.trailers['lambda-runtime-function-error-type']
    if (errorType === undefined) body.push(null)
    else cut(errorType)
  }

  const server = createServer((request, response) => {
    const refuse = (status: number, errorType: string) => {
      response.writeHead(status, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ errorMessage: errorType, errorType }))
    }
    const accept = () => response.writeHead(202, { 'Content-Type': 'application/json' }).end('{"status":"OK"}')
    const [, id, kind] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(request.url ?? '') ?? []
    if (request.method === 'GET' && request.url === '/2018-06-01/runtime/invocation/next') {
      asking = response
      hand()
    } else if (request.method === 'POST' && request.url === '/2018-06-01/runtime/init/error') {
      text(request).then((body) => {
        init.resolve(JSON.parse(body))
        accept()
      }, init.reject)
    } else if (request.method !== 'POST' || kind === undefined) {
      refuse(404, 'NotFound')
    } else if (current === undefined || id !== current.id) {
      refuse(400, 'InvalidRequestID')
    } else if (Number(request.headers['content-length'] ?? 0) > limits.response) {
      current.posted({ kind: 'error', errorType: 'Function.ResponseSizeTooLarge', payload: undefined })
      current = undefined
      refuse(413, 'RequestEntityTooLarge')
    } else {
      take(kind, request, current).then(
        () => {
          current = undefined
          accept()
          hand()
        },
        (error: unknown) => refuse(400, String(error)),
      )
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoke(event) {
      return new Promise((posted) => {
        waiting.push({ id: randomUUID(), event, posted })
        hand()
      })
    },
    idle() {
      return new Promise((resolve) => {
        whenIdle.push(resolve)
        hand()
      })
    },
    initError: init.promise,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
