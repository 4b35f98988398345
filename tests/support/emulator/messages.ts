import type { Ask } from './ask.ts'
import { anthropicErrorType } from './chat-completions.ts'
import { frame, type Wire } from './wire.ts'

/** Anthropic's Messages. Sources: Claude API reference, Messages and Streaming messages; the types of its SDK. */
export const messages: Wire = {
  answer: (ask) => ({
    ...opening(ask),
    content: [blockOf(ask)],
    stop_reason: stopReasonOf(ask),
    stop_sequence: null,
    usage: usageOf(ask, ask.reply.tokens.length),
  }),

  frames: (ask) => [
    event('message_start', {
      message: { ...opening(ask), content: [], stop_reason: null, stop_sequence: null, usage: usageOf(ask, 1) },
    }),
    event('content_block_start', { index: 0, content_block: emptyBlockOf(ask) }),
    event('ping', {}),
    ...ask.reply.tokens.map((token) => event('content_block_delta', { index: 0, delta: deltaOf(ask, token) })),
    event('content_block_stop', { index: 0 }),
    event('message_delta', {
      delta: { stop_reason: stopReasonOf(ask), stop_sequence: null },
      usage: { output_tokens: ask.reply.tokens.length },
    }),
    event('message_stop', {}),
  ],

  error: (status, message) => errorBody(status, message),
  errorFrame: frame(errorBody(529, 'Overloaded'), 'error'),
}

function event(type: string, fields: object): string {
  return frame({ type, ...fields }, type)
}

function errorBody(status: number, message: string): object {
  return { type: 'error', error: { type: anthropicErrorType(status), message }, request_id: 'req_emulated' }
}

function opening({ model }: Ask): object {
  return { id: 'msg_emulated', type: 'message', role: 'assistant', model }
}

function usageOf({ inputTokens }: Ask, outputTokens: number): object {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
    service_tier: 'standard',
  }
}

function stopReasonOf({ reply }: Ask): string {
  if (reply.type === 'tool') return 'tool_use'
  return reply.cut ? 'max_tokens' : 'end_turn'
}

function blockOf({ reply }: Ask): object {
  return reply.type === 'tool'
    ? { type: 'tool_use', id: 'toolu_emulated', name: reply.name, input: JSON.parse(reply.input) }
    : { type: 'text', text: reply.tokens.join('') }
}

function emptyBlockOf({ reply }: Ask): object {
  return reply.type === 'tool'
    ? { type: 'tool_use', id: 'toolu_emulated', name: reply.name, input: {} }
    : { type: 'text', text: '' }
}

function deltaOf({ reply }: Ask, token: string): object {
  return reply.type === 'tool' ? { type: 'input_json_delta', partial_json: token } : { type: 'text_delta', text: token }
}
