import type { Prompt, Provider, UpstreamRequest } from '../provider.ts'

/**
 * The parts of OpenAI's Chat Completions format that every provider which speaks it shares. What differs from one
 * to the next (the name of the token limit, the headers) stays in the provider's own folder.
 */
export const chatCompletionsPath = '/v1/chat/completions'
export const modelsPath = '/v1/models'

export function bearer(key: string): { readonly authorization: string } {
  return { authorization: `Bearer ${key}` }
}

/** The body that all of them read alike. `stream_options` makes them tell the usage at the end of a stream. */
export function chatCompletionsBody(prompt: Prompt): Record<string, unknown> {
  const system = prompt.system === undefined ? [] : [{ role: 'system', content: prompt.system }]
  return {
    model: prompt.model,
    messages: [...system, ...prompt.messages.map(({ role, content }) => ({ role, content }))],
    temperature: prompt.temperature,
    top_p: prompt.topP,
    stream: prompt.stream,
    stream_options: prompt.stream ? { include_usage: true } : undefined,
  }
}

export function postJson(
  provider: Provider,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): UpstreamRequest {
  return { provider, method: 'POST', path, headers: { ...headers, 'content-type': 'application/json' }, body }
}
