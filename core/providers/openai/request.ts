import { OortError } from '../../errors.ts'
import { pickHeaders } from '../caller-headers.ts'
import { bearer, chatCompletionsBody, chatCompletionsPath, modelsPath, postJson } from '../openai-wire/request.ts'
import type { CallerHeaders, Endpoint, Prompt, UpstreamRequest } from '../provider.ts'

/** Organization and project choose which of the key owner's own accounts pays. */
const forwarded = ['openai-beta', 'openai-organization', 'openai-project']

/**
 * `max_completion_tokens`, since the reasoning models refuse `max_tokens`.
 * Source: OpenAI API reference, Create chat completion.
 */
export function promptRequest(prompt: Prompt, key: string): UpstreamRequest {
  const body = JSON.stringify({ ...chatCompletionsBody(prompt), max_completion_tokens: prompt.maxTokens })
  return postJson('openai', chatCompletionsPath, bearer(key), body)
}

export function passThroughRequest(
  endpoint: Endpoint,
  body: Uint8Array,
  key: string,
  headers: CallerHeaders,
): UpstreamRequest {
  if (endpoint !== 'chat.completions') {
    throw new OortError('PROVIDER_REQUEST_REFUSED', { detail: 'OpenAI has no /v1/messages: use /v1/chat/completions.' })
  }
  return postJson('openai', chatCompletionsPath, { ...pickHeaders(headers, forwarded), ...bearer(key) }, body)
}

export function modelsRequest(key: string): UpstreamRequest {
  return { provider: 'openai', method: 'GET', path: modelsPath, headers: bearer(key) }
}

/** `sk-…`, `sk-proj-…`, `sk-svcacct-…`; `sk-ant-…` is Anthropic's. */
export function isPlausibleKey(text: string): boolean {
  return /^sk-(?!ant-)[\w-]{20,500}$/.test(text)
}
