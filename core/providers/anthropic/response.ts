import * as z from 'zod'
import { OortError } from '../../errors.ts'
import { readChatCompletion, readModelList, readWireError, readWireStreamError } from '../openai-wire/response.ts'
import type { Answer, CallerHeaders, Endpoint, StreamEvent } from '../provider.ts'
import type { Vocabulary } from '../provider-error.ts'

/** Source: Claude API reference, Errors; the `type` field of its error objects. Both endpoints use these words. */
const vocabulary: Vocabulary = {
  authentication_error: { code: 'PROVIDER_KEY_REFUSED', says: 'the key is not valid' },
  permission_error: { code: 'PROVIDER_KEY_REFUSED', says: 'the key may not do this' },
  billing_error: { code: 'PROVIDER_REQUEST_REFUSED', says: 'the account has no credit left' },
  invalid_request_error: { code: 'PROVIDER_REQUEST_REFUSED', says: 'the request is not acceptable' },
  request_too_large: { code: 'PROVIDER_REQUEST_REFUSED', says: 'the request is too large' },
  not_found_error: { code: 'MODEL_UNKNOWN', says: 'the model does not exist or the key may not use it' },
  rate_limit_error: { code: 'PROVIDER_RATE_LIMITED', says: 'the rate limit of the key is reached' },
  timeout_error: { code: 'PROVIDER_TIMEOUT', says: 'it took too long' },
  api_error: { code: 'PROVIDER_ERROR', says: 'it failed' },
  overloaded_error: { code: 'PROVIDER_ERROR', says: 'it is overloaded' },
}

const count = z.int().nonnegative()

/** Only what we read, so that Anthropic may add to its answers. */
const message = z.object({
  type: z.literal('message'),
  model: z.string(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  stop_reason: z.string().nullable(),
  usage: z.object({
    input_tokens: count,
    output_tokens: count,
    cache_creation_input_tokens: count.nullish(),
    cache_read_input_tokens: count.nullish(),
  }),
})

/** The text blocks joined: thinking and tool calls are no text. */
function readMessage(json: unknown): Answer {
  const parsed = message.safeParse(json)
  if (!parsed.success) throw new OortError('PROVIDER_RESPONSE_INVALID')
  const { content, usage } = parsed.data
  return {
    text: content.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join(''),
    usage: {
      inputTokens: usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0),
      outputTokens: usage.output_tokens,
    },
    finishReason: parsed.data.stop_reason,
    model: parsed.data.model,
  }
}

export function readAnswer(json: unknown, endpoint: Endpoint = 'messages'): Answer {
  return endpoint === 'messages' ? readMessage(json) : readChatCompletion(json)
}

export const readModels = readModelList

export function readError(status: number, body: Uint8Array, headers?: CallerHeaders): OortError {
  return readWireError('anthropic', vocabulary, status, body, headers)
}

export function readStreamError(error: Readonly<Record<string, unknown>>, status?: unknown): StreamEvent {
  return readWireStreamError('anthropic', vocabulary, error, status)
}
