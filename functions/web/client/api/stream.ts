import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type CallOptions, send } from './api.ts'

/** An event of a stream, with its data read as JSON. */
export interface StreamedEvent {
  readonly event: string
  readonly data: unknown
}

/**
 * Posts and yields the server-sent events of the answer as they come. EventSource cannot post, and tries again by
 * itself, which would run a prompt twice. Leaving the loop early, or `signal`, closes the connection.
 * Throws ApiError, and the signal's reason. Source: WHATWG HTML, 9.2.6.
 */
export async function* stream(path: string, body: unknown, options: CallOptions = {}): AsyncGenerator<StreamedEvent> {
  const response = await send('POST', path, body, options)
  const events = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  if (events === undefined) return
  for await (const { event = 'message', data } of iterate(events)) yield { event, data: JSON.parse(data) }
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
