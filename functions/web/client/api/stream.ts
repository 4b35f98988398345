import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type CallOptions, send } from './api.ts'

/** An event of a stream, with its data read as JSON. */
export interface StreamedEvent {
  readonly event: string
  readonly data: unknown
}

/**
 * Yields the server-sent events of an answer as they come. EventSource cannot post, and tries again by itself, which
 * would run a prompt twice. Leaving the loop early, or `signal`, closes the connection. Throws ApiError, and the
 * signal's reason. Source: WHATWG HTML, 9.2.6.
 */
async function* eventsOf(ask: () => Promise<Response>): AsyncGenerator<StreamedEvent> {
  const { body } = await ask()
  if (body === null) return
  const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  for await (const { event = 'message', data } of iterate(events)) yield { event, data: JSON.parse(data) }
}

export const stream = {
  get: (path: string, options?: CallOptions) => eventsOf(() => send('GET', path, undefined, options)),
  post: (path: string, body: unknown, options?: CallOptions) => eventsOf(() => send('POST', path, body, options)),
}

/** What `for await` over a stream does, where browsers lack it. */
async function* iterate<T>(readable: ReadableStream<T>): AsyncGenerator<T> {
  const reader = readable.getReader()
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    await reader.cancel().catch(() => {})
  }
}
