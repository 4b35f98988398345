import { followEvents } from '../follow-events.ts'
import { countOrNull, isRecord, parseJson } from '../json.ts'
import type { StreamEvent, StreamFollower } from '../provider.ts'

/** What a provider's error object inside a stream means. */
export type ReadStreamError = (error: Readonly<Record<string, unknown>>, status: unknown) => StreamEvent

/**
 * Follows a stream of `chat.completion.chunk` objects up to `[DONE]`. Of several choices it follows the first.
 * The usage stands in a last chunk of its own (OpenAI, Anthropic) or beside the finish reason (Cerebras).
 */
export function followChatCompletions(readStreamError: ReadStreamError): StreamFollower {
  let model: string | undefined
  return followEvents(({ data, event }, emit) => {
    if (data === '[DONE]') return emit({ type: 'done' })
    const chunk = parseJson(data)
    if (!isRecord(chunk)) {
      return emit({
        type: 'error',
        code: 'PROVIDER_RESPONSE_INVALID',
        detail: 'The provider sent a chunk that is no JSON.',
      })
    }
    if (event === 'error' || isRecord(chunk['error'])) {
      return emit(readStreamError(isRecord(chunk['error']) ? chunk['error'] : chunk, chunk['status_code']))
    }
    if (model === undefined && typeof chunk['model'] === 'string') {
      model = chunk['model']
      emit({ type: 'model', model })
    }
    const choices = chunk['choices']
    if (Array.isArray(choices)) for (const choice of choices) readChoice(choice, emit)
    const usage = chunk['usage']
    if (isRecord(usage)) {
      emit({
        type: 'usage',
        usage: {
          inputTokens: countOrNull(usage['prompt_tokens']),
          outputTokens: countOrNull(usage['completion_tokens']),
        },
      })
    }
  })
}

function readChoice(choice: unknown, emit: (event: StreamEvent) => void): void {
  if (!isRecord(choice) || (choice['index'] !== 0 && choice['index'] !== undefined)) return
  const delta = choice['delta']
  if (isRecord(delta)) {
    const text = delta['content'] ?? delta['refusal']
    if (typeof text === 'string' && text !== '') emit({ type: 'text', text })
  }
  const reason = choice['finish_reason']
  if (typeof reason === 'string') emit({ type: 'finish', reason })
}
