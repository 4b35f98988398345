import type { OortError } from '../../errors.ts'
import { readChatCompletion, readModelList, readWireError, readWireStreamError } from '../openai-wire/response.ts'
import type { CallerHeaders, StreamEvent } from '../provider.ts'
import type { Vocabulary } from '../provider-error.ts'

/** Source: Cerebras Inference docs, Error codes; the `code` field of its error objects. */
const vocabulary: Vocabulary = {
  wrong_api_key: { code: 'PROVIDER_KEY_REFUSED', says: 'the key is not valid' },
  model_not_found: { code: 'MODEL_UNKNOWN', says: 'the model does not exist or the key may not use it' },
  request_quota_exceeded: { code: 'PROVIDER_RATE_LIMITED', says: 'the request limit of the key is reached' },
  token_quota_exceeded: { code: 'PROVIDER_RATE_LIMITED', says: 'the token limit of the key is reached' },
  queue_exceeded: { code: 'PROVIDER_RATE_LIMITED', says: 'it has too much traffic at the moment' },
  context_length_exceeded: { code: 'PROVIDER_REQUEST_REFUSED', says: 'the prompt is too long for the model' },
  server_error: { code: 'PROVIDER_ERROR', says: 'it failed' },
}

export const readAnswer = readChatCompletion
export const readModels = readModelList

export function readError(status: number, body: Uint8Array, headers?: CallerHeaders): OortError {
  return readWireError('cerebras', vocabulary, status, body, headers)
}

export function readStreamError(error: Readonly<Record<string, unknown>>, status: unknown): StreamEvent {
  return readWireStreamError('cerebras', vocabulary, error, status)
}
