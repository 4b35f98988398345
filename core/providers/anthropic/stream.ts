import { followEvents } from '../follow-events.ts'
import { countOrNull, isRecord, parseJson } from '../json.ts'
import { followChatCompletions } from '../openai-wire/stream.ts'
import type { Endpoint, StreamEvent, StreamFollower, Usage } from '../provider.ts'
import { readStreamError } from './response.ts'

/**
 * Follows a stream of Messages events: `message_start` tells the model and the input tokens, `message_delta` the
 * finish reason and the output tokens so far, `message_stop` ends it. Events of kinds unknown to us are skipped, as
 * the versioning policy asks. Source: Claude API reference, Streaming messages.
 */
function followMessages(): StreamFollower {
  let usage: Usage = { inputTokens: null, outputTokens: null }
  return followEvents(({ data }, emit) => {
    const event = parseJson(data)
    if (!isRecord(event)) {
      return emit({
        type: 'error',
        code: 'PROVIDER_RESPONSE_INVALID',
        detail: 'The provider sent an event that is no JSON.',
      })
    }
    switch (event['type']) {
      case 'content_block_delta':
        return readDelta(event['delta'], emit)
      case 'message_start': {
        const message = isRecord(event['message']) ? event['message'] : {}
        if (typeof message['model'] === 'string') emit({ type: 'model', model: message['model'] })
        usage = updated(usage, message['usage'])
        return emit({ type: 'usage', usage })
      }
      case 'message_delta': {
        const reason = isRecord(event['delta']) ? event['delta']['stop_reason'] : undefined
        if (typeof reason === 'string') emit({ type: 'finish', reason })
        usage = updated(usage, event['usage'])
        return emit({ type: 'usage', usage })
      }
      case 'message_stop':
        return emit({ type: 'done' })
      case 'error':
        return emit(readStreamError(isRecord(event['error']) ? event['error'] : {}))
      default:
        return
    }
  })
}

function readDelta(delta: unknown, emit: (event: StreamEvent) => void): void {
  if (!isRecord(delta) || delta['type'] !== 'text_delta') return
  const text = delta['text']
  if (typeof text === 'string' && text !== '') emit({ type: 'text', text })
}

/** The counts are cumulative; those that an event leaves out stay as they were. */
function updated(before: Usage, told: unknown): Usage {
  if (!isRecord(told)) return before
  const input = countOrNull(told['input_tokens'])
  const cached =
    (countOrNull(told['cache_creation_input_tokens']) ?? 0) + (countOrNull(told['cache_read_input_tokens']) ?? 0)
  return {
    inputTokens: input === null ? before.inputTokens : input + cached,
    outputTokens: countOrNull(told['output_tokens']) ?? before.outputTokens,
  }
}

export function followStream(endpoint: Endpoint = 'messages'): StreamFollower {
  return endpoint === 'messages' ? followMessages() : followChatCompletions(readStreamError)
}
