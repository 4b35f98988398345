import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import type { Ask } from './ask.ts'
import { frame, type Wire } from './wire.ts'

/** One request that the emulator is answering. */
export interface Exchange {
  readonly ask: Ask
  readonly wire: Wire
  readonly response: ServerResponse
  readonly key: string
  /** Milliseconds between two streamed events. */
  readonly pace: number
  /** Where a redirect points: another provider's listener. */
  readonly elsewhere: string
}

/** A way to answer. A request chooses one by the model name `emulator-<behaviour>`; a test by `script`. */
export const behaviours = {
  answer,
  /** Two thousand tokens. */
  long: (exchange) => answer({ ...exchange, ask: lengthened(exchange.ask, 2_000) }),
  /** Four events a second. */
  slow: (exchange) => answer({ ...exchange, pace: 250 }),

  // Errors before the answer begins
  'error-400': (exchange) => refuse(exchange, 400, 'Your request is malformed.'),
  'error-401': (exchange) => refuse(exchange, 401, 'Incorrect API key provided.'),
  'error-402': (exchange) => refuse(exchange, 402, 'Payment required.'),
  'error-403': (exchange) => refuse(exchange, 403, 'You may not do this.'),
  'error-404': (exchange) => refuse(exchange, 404, `The model ${exchange.ask.model} does not exist.`),
  'error-413': (exchange) => refuse(exchange, 413, 'Request exceeds the maximum size.'),
  'error-429': (exchange) => refuse(exchange, 429, 'Rate limit reached.', { 'retry-after': '1' }),
  'error-429-for-long': (exchange) => refuse(exchange, 429, 'Rate limit reached.', { 'retry-after': '60' }),
  'error-500': (exchange) => refuse(exchange, 500, 'The server had an error.'),
  'error-503': (exchange) => refuse(exchange, 503, 'The engine is overloaded.'),
  'error-529': (exchange) => refuse(exchange, 529, 'Overloaded'),
  'error-without-retry': (exchange) => refuse(exchange, 500, 'Do not.', { 'x-should-retry': 'false' }),
  'key-echo': (exchange) => refuse(exchange, 401, `Incorrect API key provided: ${exchange.key}.`),
  /** Good answers whose words (the model, why it ended) are the key. */
  'key-in-words': (exchange) => {
    const { ask, wire, response, key } = exchange
    const spoilt = (text: string) => text.replaceAll(/"(model|finish_reason|stop_reason)":"[^"]*"/g, `"$1":"${key}"`)
    return ask.stream
      ? stream(exchange, wire.frames(ask).map(spoilt))
      : send(response, 200, 'application/json', spoilt(JSON.stringify(wire.answer(ask))))
  },
  'error-not-json': ({ response, key }) => send(response, 502, 'text/html', `<h1>Bad gateway</h1><!-- ${key} -->`),
  redirect: ({ response, elsewhere }) => {
    response.writeHead(302, { location: `${elsewhere}/v1/chat/completions` }).end()
  },
  hangup: ({ response }) => {
    response.socket?.destroy()
  },
  silence: () => {},
  /** A second and a half before it says anything. */
  late: async (exchange) => {
    await wait(1_500)
    await answer(exchange)
  },

  // Errors after it has begun
  'stream-error': (exchange) => stream(exchange, [...half(exchange), exchange.wire.errorFrame]),
  'stream-cut': (exchange) => stream(exchange, half(exchange)),
  'stream-hangup': async (exchange) => {
    await stream(exchange, half(exchange), false)
    await wait(10)
    exchange.response.socket?.destroy()
  },
  'stream-broken': (exchange) => stream(exchange, [...half(exchange), frame('{"choices":[{"delta":'), frame('[DONE]')]),
  stall: (exchange) => stream(exchange, half(exchange), false),
  'answer-not-json': ({ response }) => send(response, 200, 'application/json', '<h1>Welcome</h1>'),
  'answer-wrong-shape': ({ response }) => send(response, 200, 'application/json', '{"answer":42}'),

  // More than anyone can hold
  endless: async (exchange) => {
    const frames = exchange.wire.frames(exchange.ask)
    const again = half(exchange).at(-1) ?? ''
    await stream(exchange, frames.slice(0, 3), false)
    await forever(exchange.response, Buffer.from(again.repeat(200)))
  },
  'endless-event': async (exchange) => {
    await stream(exchange, ['data: {"text":"'], false)
    await forever(exchange.response, Buffer.alloc(64 * 1024, 'x'))
  },
  'huge-answer': async ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    await write(response, Buffer.from('{"text":"'))
    await forever(response, Buffer.alloc(64 * 1024, 'x'), 1024 ** 3)
  },
  'huge-error': async ({ response }) => {
    response.writeHead(400, { 'content-type': 'application/json' })
    await forever(response, Buffer.alloc(64 * 1024, 'x'), 1024 ** 3)
  },
  bomb: async ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    const gzip = createGzip({ level: 9 })
    gzip.pipe(response)
    const zeros = Buffer.alloc(1024 * 1024)
    for (let megabytes = 0; megabytes < 1024 && !response.closed; megabytes++) {
      if (!gzip.write(zeros)) await drained(gzip, response)
    }
    gzip.end()
  },
} as const satisfies Record<string, (exchange: Exchange) => void | Promise<void>>

export type Behaviour = keyof typeof behaviours

export function isBehaviour(name: string): name is Behaviour {
  return Object.hasOwn(behaviours, name)
}

function answer(exchange: Exchange): void | Promise<void> {
  return exchange.ask.stream ? stream(exchange, exchange.wire.frames(exchange.ask)) : whole(exchange)
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}

function whole({ ask, wire, response }: Exchange): void {
  send(response, 200, 'application/json', JSON.stringify(wire.answer(ask)))
}

function refuse(
  { wire, response }: Exchange,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  send(response, status, 'application/json', JSON.stringify(wire.error(status, message)))
}

async function stream({ response, pace }: Exchange, frames: readonly string[], end = true): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for (const each of frames) {
    if (response.closed) return
    await write(response, Buffer.from(each))
    if (pace > 0) await wait(pace)
  }
  if (end) response.end()
}

function lengthened(ask: Ask, length: number): Ask {
  const tokens = Array.from({ length }, (_, index) => `${index === 0 ? '' : ' '}${index}`)
  return { ...ask, reply: { type: 'text', tokens, cut: false } }
}

/** Up to the middle of the answer, at least one token in. */
function half({ ask, wire }: Exchange): readonly string[] {
  const frames = wire.frames({ ...ask, stream: true })
  return frames.slice(0, Math.max(4, Math.floor(frames.length / 2)))
}

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (!response.write(bytes)) await drained(response, response)
}

/** Until `writable` takes more, or the client has left. */
async function drained(writable: Writable, response: ServerResponse): Promise<void> {
  if (response.closed) return
  const settled = new AbortController()
  const { signal } = settled
  await Promise.race([once(writable, 'drain', { signal }), once(response, 'close', { signal })])
  settled.abort()
}

async function forever(response: ServerResponse, bytes: Buffer, limit = Number.POSITIVE_INFINITY): Promise<void> {
  for (let sent = 0; sent < limit && !response.closed; sent += bytes.length) await write(response, bytes)
  response.end()
}
