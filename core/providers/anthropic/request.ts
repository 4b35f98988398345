import { pickHeaders } from '../caller-headers.ts'
import { bearer, chatCompletionsPath, postJson } from '../openai-wire/request.ts'
import type { CallerHeaders, Endpoint, Prompt, UpstreamRequest } from '../provider.ts'

const messagesPath = '/v1/messages'
const forwarded = ['anthropic-version', 'anthropic-beta']

/** Anthropic demands a limit; this one is within what each of its current models allows. */
const defaultMaxTokens = 8_192

/** Source: Claude API reference, Versions: the version is required, and there has been one since 2023. */
function authenticated(key: string): { readonly 'x-api-key': string; readonly 'anthropic-version': string } {
  return { 'x-api-key': key, 'anthropic-version': '2023-06-01' }
}

export function promptRequest(prompt: Prompt, key: string): UpstreamRequest {
  const body = JSON.stringify({
    model: prompt.model,
    max_tokens: prompt.maxTokens ?? defaultMaxTokens,
    system: prompt.system,
    messages: prompt.messages.map(({ role, content }) => ({ role, content })),
    temperature: prompt.temperature,
    top_p: prompt.topP,
    stream: prompt.stream,
  })
  return postJson('anthropic', messagesPath, authenticated(key), body)
}

/**
 * `messages` is Anthropic's own format. `chat.completions` goes to its OpenAI-compatible endpoint, which takes the
 * key as a bearer token. Source: Claude docs, OpenAI SDK compatibility.
 */
export function passThroughRequest(
  endpoint: Endpoint,
  body: Uint8Array,
  key: string,
  headers: CallerHeaders,
): UpstreamRequest {
  const picked = pickHeaders(headers, forwarded)
  return endpoint === 'messages'
    ? postJson('anthropic', messagesPath, { ...authenticated(key), ...picked }, body)
    : postJson('anthropic', chatCompletionsPath, { ...picked, ...bearer(key) }, body)
}

/** A page of the greatest size (1000): no account has more models. */
export function modelsRequest(key: string): UpstreamRequest {
  return { provider: 'anthropic', method: 'GET', path: '/v1/models?limit=1000', headers: authenticated(key) }
}

export function isPlausibleKey(text: string): boolean {
  return /^sk-ant-[\w-]{20,500}$/.test(text)
}
