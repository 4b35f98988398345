import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { StreamEvent, StreamFollower } from './provider.ts'

/** The largest single event: far above any real one, far below what would hurt. Characters. */
export const maxEventLength = 1024 * 1024
/** The longest stream: no model answers so much, so it is a provider that does not stop. Bytes. */
export const maxStreamBytes = 64 * 1024 * 1024

/**
 * What a wire format makes of one server-sent event: hands its events to `emit`. It may assume that nothing follows
 * an `error` or a `done`.
 */
export type ReadEvent = (event: EventSourceMessage, emit: (event: StreamEvent) => void) => void

const unreadable = (detail: string): StreamEvent => ({ type: 'error', code: 'PROVIDER_RESPONSE_INVALID', detail })

/**
 * The part of following that every wire format shares: bytes to text to server-sent events (WHATWG HTML, section
 * 9.2), the bounds, and the end. On the hot path of every streamed answer, so it copies no bytes and validates only
 * the fields that are read.
 */
export function followEvents(readEvent: ReadEvent): StreamFollower {
  const decoder = new TextDecoder()
  let events: StreamEvent[] = []
  let bytes = 0
  let ended = false

  const emit = (event: StreamEvent): void => {
    if (ended) return
    events.push(event)
    ended = event.type === 'error' || event.type === 'done'
  }
  const parser = createParser({
    maxBufferSize: maxEventLength,
    onEvent: (event) => {
      if (!ended) readEvent(event, emit)
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') emit(unreadable('The provider sent an event without an end.'))
    },
  })
  const take = (): readonly StreamEvent[] => {
    const taken = events
    events = []
    return taken
  }

  return {
    push(chunk) {
      if (ended) return []
      bytes += chunk.byteLength
      if (bytes > maxStreamBytes) emit(unreadable('The provider sent a stream without an end.'))
      else parser.feed(decoder.decode(chunk, { stream: true }))
      return take()
    },
    end() {
      emit(unreadable('The provider broke off in the middle of its answer.'))
      return take()
    },
  }
}
