import type { Ask } from './ask.ts'

/** How one endpoint of one provider writes its answers. */
export interface Wire {
  /** The body of an answer that is not streamed. */
  answer(ask: Ask): unknown
  /** The server-sent events of a streamed answer, in the provider's order, one string each. */
  frames(ask: Ask): readonly string[]
  /** The body of an answer with an error status. */
  error(status: number, message: string): unknown
  /** The event by which the provider breaks off a stream. */
  errorFrame: string
}

export function frame(data: unknown, event?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return event === undefined ? `data: ${text}\n\n` : `event: ${event}\ndata: ${text}\n\n`
}

/** A fixed moment, so that the same request gets the same bytes. Seconds since the epoch. */
export const created = 1_767_225_600
