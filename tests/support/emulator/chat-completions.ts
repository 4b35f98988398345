import type { Provider } from '../../../core/providers/provider.ts'
import type { Ask } from './ask.ts'
import { created, frame, type Wire } from './wire.ts'

/**
 * Chat Completions as each provider writes them. Sources: the API references of OpenAI and Cerebras; Claude docs,
 * OpenAI SDK compatibility; the response types of their SDKs.
 */
export function chatCompletions(provider: Provider): Wire {
  const id = { openai: 'chatcmpl-emulated', anthropic: 'msg_emulated', cerebras: 'chatcmpl-emulated-0000' }[provider]
  const fingerprint = {
    openai: { system_fingerprint: 'fp_emulated', service_tier: 'default' },
    anthropic: {},
    cerebras: { system_fingerprint: 'fp_emulated' },
  }[provider]
  const base = (ask: Ask, object: string) => ({ id, object, created, model: ask.model, ...fingerprint })
  const timeInfo =
    provider === 'cerebras'
      ? { time_info: { queue_time: 0.0001, prompt_time: 0.001, completion_time: 0.01, total_time: 0.0111, created } }
      : {}

  return {
    answer: (ask) => ({
      ...base(ask, 'chat.completion'),
      choices: [{ index: 0, message: messageOf(ask), logprobs: null, finish_reason: finishReasonOf(ask) }],
      usage: usageOf(ask),
      ...timeInfo,
    }),

    frames: (ask) => {
      const usageOnEach = ask.includeUsage && provider === 'openai' ? { usage: null } : {}
      const chunk = (delta: unknown, finish: string | null = null, more: object = usageOnEach): string =>
        frame({
          ...base(ask, 'chat.completion.chunk'),
          choices: [{ index: 0, delta, ...(provider === 'openai' ? { logprobs: null } : {}), finish_reason: finish }],
          ...more,
        })
      // Cerebras tells the usage beside the finish reason, unasked; the others in a chunk without choices, if asked.
      const end =
        provider === 'cerebras'
          ? [chunk({}, finishReasonOf(ask), { usage: usageOf(ask), ...timeInfo })]
          : [
              chunk({}, finishReasonOf(ask)),
              ...(ask.includeUsage
                ? [frame({ ...base(ask, 'chat.completion.chunk'), choices: [], usage: usageOf(ask) })]
                : []),
            ]
      return [chunk(firstDelta(provider, ask)), ...deltasOf(ask).map((delta) => chunk(delta)), ...end, frame('[DONE]')]
    },

    error: (status, message) => errorBody(provider, status, message),

    errorFrame: errorFrame(provider),
  }
}

function finishReasonOf({ reply }: Ask): string {
  if (reply.type === 'tool') return 'tool_calls'
  return reply.cut ? 'length' : 'stop'
}

function usageOf({ inputTokens, reply }: Ask): object {
  const outputTokens = reply.tokens.length
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0 },
  }
}

function messageOf({ reply }: Ask): object {
  if (reply.type === 'text') return { role: 'assistant', content: reply.tokens.join(''), refusal: null }
  const call = { id: 'call_emulated', type: 'function', function: { name: reply.name, arguments: reply.input } }
  return { role: 'assistant', content: null, refusal: null, tool_calls: [call] }
}

function firstDelta(provider: Provider, { reply }: Ask): object {
  const content = reply.type === 'text' ? '' : null
  return provider === 'openai' ? { role: 'assistant', content, refusal: null } : { role: 'assistant', content }
}

function deltasOf({ reply }: Ask): readonly object[] {
  if (reply.type === 'text') return reply.tokens.map((content) => ({ content }))
  const opening = { index: 0, id: 'call_emulated', type: 'function', function: { name: reply.name, arguments: '' } }
  return [
    { tool_calls: [opening] },
    ...reply.tokens.map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
  ]
}

type Words = readonly [type: string, code: string | null]

const wordsOf: Readonly<Record<Provider, (status: number) => Words>> = {
  openai: (status) => {
    if (status === 401) return ['invalid_request_error', 'invalid_api_key']
    if (status === 404) return ['invalid_request_error', 'model_not_found']
    if (status === 429) return ['requests', 'rate_limit_exceeded']
    return status < 500 ? ['invalid_request_error', null] : ['server_error', null]
  },
  anthropic: (status) => {
    const type = anthropicErrorType(status)
    return [type, type]
  },
  cerebras: (status) => {
    if (status === 401) return ['invalid_request_error', 'wrong_api_key']
    if (status === 404) return ['not_found_error', 'model_not_found']
    if (status === 429) return ['too_many_requests_error', 'request_quota_exceeded']
    return status < 500 ? ['invalid_request_error', 'wrong_api_format'] : ['server_error', 'server_error']
  },
}

/** Source: Claude API reference, Errors. */
export function anthropicErrorType(status: number): string {
  const types: Readonly<Record<number, string>> = {
    401: 'authentication_error',
    402: 'billing_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    504: 'timeout_error',
    529: 'overloaded_error',
  }
  return types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
}

function errorOf(provider: Provider, status: number, message: string): object {
  const [type, code] = wordsOf[provider](status)
  return { message, type, param: null, code }
}

/** Cerebras puts the fields of an error at the top; inside a stream it wraps them as the others always do. */
function errorBody(provider: Provider, status: number, message: string): object {
  const error = errorOf(provider, status, message)
  return provider === 'cerebras' ? error : { error }
}

function errorFrame(provider: Provider): string {
  const status = provider === 'anthropic' ? 529 : 500
  const error = errorOf(provider, status, 'The server had an error. Sorry about that!')
  return provider === 'cerebras' ? frame({ error, status_code: status }, 'error') : frame({ error })
}
