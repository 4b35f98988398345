import type { OortError } from '../../core/errors.ts'
import { toProblem } from '../../core/http/problem.ts'
import type { Endpoint } from '../../core/providers/provider.ts'
import type { Renderer } from '../../core/runs/relay.ts'

/**
 * The provider's bytes as they come. An answer that broke off between two events ends with an error event in the words
 * of its endpoint, which the providers' own clients raise; one that broke off within an event cannot be ended well.
 */
export function renderPassThrough(endpoint: Endpoint, requestId: string): Renderer {
  let last: Buffer | undefined
  let told = false
  return {
    more(chunk, events) {
      last = chunk
      // PROVIDER_RESPONSE_INVALID is what we say of bytes that we cannot read; other errors the provider told itself.
      told ||= events.at(-1)?.type === 'error' && !events.some(isOurs)
      return chunk
    },
    end(_run, failure) {
      if (failure === undefined || told) return ''
      return last === undefined || isBetweenEvents(last) ? errorEvent(endpoint, failure, requestId) : undefined
    },
  }
}

function isOurs(event: { readonly type: string; readonly code?: string }): boolean {
  return event.code === 'PROVIDER_RESPONSE_INVALID'
}

function isBetweenEvents(bytes: Buffer): boolean {
  const end = bytes.toString('latin1', bytes.length - 4)
  return end.endsWith('\n\n') || end.endsWith('\r\n\r\n')
}

function errorEvent(endpoint: Endpoint, failure: OortError, requestId: string): string {
  const { error } = toProblem(failure, requestId)
  return endpoint === 'messages'
    ? `event: error\ndata: ${JSON.stringify({ type: 'error', error, request_id: requestId })}\n\n`
    : `data: ${JSON.stringify({ error })}\n\n`
}
