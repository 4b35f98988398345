import { OortError } from '../../errors.ts'
import { bearer, chatCompletionsBody, chatCompletionsPath, modelsPath, postJson } from '../openai-wire/request.ts'
import type { CallerHeaders, Endpoint, Prompt, UpstreamRequest } from '../provider.ts'

/**
 * `max_completion_tokens` counts reasoning too; `max_tokens` is the deprecated name.
 * Source: Cerebras Inference API reference, Chat completions.
 */
export function promptRequest(prompt: Prompt, key: string): UpstreamRequest {
  const body = JSON.stringify({ ...chatCompletionsBody(prompt), max_completion_tokens: prompt.maxTokens })
  return postJson('cerebras', chatCompletionsPath, bearer(key), body)
}

/** Cerebras has no header that chooses a version or a feature: none of the caller's headers pass. */
export function passThroughRequest(
  endpoint: Endpoint,
  body: Uint8Array,
  key: string,
  _headers: CallerHeaders,
): UpstreamRequest {
  if (endpoint !== 'chat.completions') {
    throw new OortError('PROVIDER_REQUEST_REFUSED', {
      detail: 'Cerebras has no /v1/messages: use /v1/chat/completions.',
    })
  }
  return postJson('cerebras', chatCompletionsPath, bearer(key), body)
}

export function modelsRequest(key: string): UpstreamRequest {
  return { provider: 'cerebras', method: 'GET', path: modelsPath, headers: bearer(key) }
}

export function isPlausibleKey(text: string): boolean {
  return /^csk-[\w-]{20,500}$/.test(text)
}
