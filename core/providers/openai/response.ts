import type { OortError } from '../../errors.ts'
import { readChatCompletion, readModelList, readWireError, readWireStreamError } from '../openai-wire/response.ts'
import type { CallerHeaders, StreamEvent } from '../provider.ts'
import type { Vocabulary } from '../provider-error.ts'

/** Source: OpenAI docs, Error codes; the `code` and `type` fields of its error objects. */
const vocabulary: Vocabulary = {
  invalid_api_key: { code: 'PROVIDER_KEY_REFUSED', says: 'the key is not valid' },
  model_not_found: { code: 'MODEL_UNKNOWN', says: 'the model does not exist or the key may not use it' },
  // The type of every billing error, all of them 429: to wait does not help, so it is no rate limit.
  insufficient_quota: { code: 'PROVIDER_REQUEST_REFUSED', says: 'the account is out of credit or at its spend limit' },
  rate_limit_exceeded: { code: 'PROVIDER_RATE_LIMITED', says: 'the rate limit of the key is reached' },
  context_length_exceeded: { code: 'PROVIDER_REQUEST_REFUSED', says: 'the prompt is too long for the model' },
  content_policy_violation: { code: 'PROVIDER_REQUEST_REFUSED', says: 'the prompt breaks its content policy' },
  unsupported_parameter: { code: 'PROVIDER_REQUEST_REFUSED', says: 'the model does not support one of the parameters' },
  unsupported_value: { code: 'PROVIDER_REQUEST_REFUSED', says: 'the model does not support one of the values' },
  unsupported_country_region_territory: { code: 'PROVIDER_REQUEST_REFUSED', says: 'it does not serve this region' },
  server_error: { code: 'PROVIDER_ERROR', says: 'it failed' },
}

export const readAnswer = readChatCompletion
export const readModels = readModelList

export function readError(status: number, body: Uint8Array, headers?: CallerHeaders): OortError {
  return readWireError('openai', vocabulary, status, body, headers)
}

export function readStreamError(error: Readonly<Record<string, unknown>>, status: unknown): StreamEvent {
  return readWireStreamError('openai', vocabulary, error, status)
}
