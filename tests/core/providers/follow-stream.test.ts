import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adapterOf } from '../../../core/providers/adapters.ts'
import { maxEventLength, maxStreamBytes } from '../../../core/providers/follow-events.ts'
import { type Endpoint, type Provider, providers, type StreamEvent } from '../../../core/providers/provider.ts'
import { readAsk } from '../../support/emulator/ask.ts'
import { chatCompletions } from '../../support/emulator/chat-completions.ts'
import { messages } from '../../support/emulator/messages.ts'
import type { Wire } from '../../support/emulator/wire.ts'

interface Format {
  readonly name: string
  readonly provider: Provider
  readonly endpoint: Endpoint
  readonly wire: Wire
}

const formats: readonly Format[] = [
  ...providers.map((provider) => ({
    name: `${provider} chat.completions`,
    provider,
    endpoint: 'chat.completions' as const,
    wire: chatCompletions(provider),
  })),
  { name: 'anthropic messages', provider: 'anthropic', endpoint: 'messages', wire: messages },
]

function framesOf({ provider, endpoint, wire }: Format, text: string): readonly string[] {
  const asked = { model: 'm', max_tokens: 100, stream_options: { include_usage: true } }
  return wire.frames(readAsk(provider, endpoint, { ...asked, messages: [{ role: 'user', content: text }] }))
}

/** Follows the bytes in the pieces given. */
function follow({ provider, endpoint }: Format, pieces: Iterable<Uint8Array>): readonly StreamEvent[] {
  const follower = adapterOf(provider).followStream(endpoint)
  const events: StreamEvent[] = []
  for (const piece of pieces) events.push(...follower.push(piece))
  return [...events, ...follower.end()]
}

const invalid = expect.objectContaining({ type: 'error', code: 'PROVIDER_RESPONSE_INVALID' })

describe.each(formats)('$name', (format) => {
  const whole = Buffer.from(framesOf(format, 'naïve ☄ 🌌 {"a":"\\n"}').join(''))

  test('cut in two at any byte, a stream gives the same events', () => {
    const expected = follow(format, [whole])
    expect(expected.at(-1)).toEqual({ type: 'done' })
    expect(expected.map((event) => (event.type === 'text' ? event.text : '')).join('')).toContain('naïve ☄ 🌌')
    for (let at = 0; at <= whole.length; at++) {
      expect(follow(format, [whole.subarray(0, at), whole.subarray(at)])).toEqual(expected)
    }
  })

  test('byte by byte, or in any pieces, a stream gives the same events', () => {
    const expected = follow(format, [whole])
    expect(
      follow(
        format,
        Array.from(whole, (byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(expected)
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
        const pieces = at.slice(1).map((end, index) => whole.subarray(at[index], end))
        expect(follow(format, pieces)).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  test('lines may end in CRLF, and comments and unknown fields are passed over', () => {
    const text = whole.toString()
    const expected = follow(format, [whole])
    expect(follow(format, [Buffer.from(text.replaceAll('\n', '\r\n'))])).toEqual(expected)
    expect(follow(format, [Buffer.from(`: keep-alive\nx-unknown: 1\n\n${text}`)])).toEqual(expected)
  })

  test('X2 a stream cut short anywhere between two events never counts as whole', () => {
    const frames = framesOf(format, 'hello there')
    for (let length = 0; length < frames.length; length++) {
      const events = follow(format, [Buffer.from(frames.slice(0, length).join(''))])
      expect(events.at(-1)).toEqual(invalid)
      expect(events.filter(({ type }) => type === 'done' || type === 'error')).toHaveLength(1)
    }
  })

  test('X2 an error inside the stream is the last event, whatever follows', () => {
    const frames = framesOf(format, 'hello there')
    const bytes = Buffer.from([...frames.slice(0, 5), format.wire.errorFrame, ...frames.slice(5)].join(''))
    const events = follow(format, [bytes])
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'PROVIDER_ERROR' })
    expect(events.filter(({ type }) => type === 'text')).not.toHaveLength(0)
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(0)
  })

  test.each(['{"choices":[{"delta":', '<html>', '[1,2]', 'null', '"text"', ''])(
    'X2 an event of %j is an error',
    (data) => {
      expect(follow(format, [Buffer.from(`data: ${data}\n\n`)])).toEqual([invalid])
    },
  )

  test('fields of unexpected types are passed over, never thrown at', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('message_start', 'content_block_delta', 'message_delta', 'error', 'ping', 'new_thing'),
        fc.dictionary(
          fc.constantFrom('choices', 'delta', 'usage', 'message', 'error', 'model', 'content', 'index', 'status_code'),
          fc.jsonValue(),
        ),
        (type, fields) => {
          const events = follow(format, [Buffer.from(`data: ${JSON.stringify({ ...fields, type })}\n\n`)])
          expect(events.at(-1)?.type).toBe('error')
        },
      ),
      { numRuns: 300 },
    )
  })

  test('X2 an event that never ends is given up at its bound', () => {
    const { provider, endpoint } = format
    const follower = adapterOf(provider).followStream(endpoint)
    const piece = Buffer.from('x'.repeat(64 * 1024))
    let events = follower.push(Buffer.from('data: {"text":"'))
    let pushed = 0
    while (events.length === 0 && pushed <= 2 * maxEventLength) {
      events = follower.push(piece)
      pushed += piece.length
    }
    expect(events).toEqual([invalid])
    expect(pushed).toBeLessThanOrEqual(maxEventLength + piece.length)
    expect(follower.push(piece)).toEqual([])
    expect(follower.end()).toEqual([])
  })

  test('X2 a stream that never ends is given up at its bound', () => {
    const { provider, endpoint } = format
    const follower = adapterOf(provider).followStream(endpoint)
    const piece = Buffer.from(': still here\n\n'.repeat(100_000))
    let last: StreamEvent | undefined
    let pushed = 0
    while (last === undefined && pushed <= 2 * maxStreamBytes) {
      last = follower.push(piece).at(-1)
      pushed += piece.length
    }
    expect(last).toEqual(invalid)
    expect(pushed).toBeLessThanOrEqual(maxStreamBytes + piece.length)
  })
})

test('a stream of tool calls has no text, a finish reason and its usage', () => {
  for (const format of formats) {
    const asked = {
      model: 'm',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'weather?' }],
      stream_options: { include_usage: true },
      tools: [{ name: 'weather', input_schema: {}, function: { name: 'weather', parameters: {} } }],
    }
    const frames = format.wire.frames(readAsk(format.provider, format.endpoint, asked))
    const events = follow(format, [Buffer.from(frames.join(''))])
    expect(events.filter(({ type }) => type === 'text')).toEqual([])
    expect(events.find(({ type }) => type === 'finish')).toMatchObject({ reason: expect.stringContaining('tool') })
    expect(events.find(({ type }) => type === 'usage')).toBeDefined()
    expect(events.at(-1)).toEqual({ type: 'done' })
  }
})

test('of several choices the first is followed', () => {
  const chunk = (index: number, content: string) =>
    `data: ${JSON.stringify({ choices: [{ index, delta: { content } }] })}\n\n`
  const follower = adapterOf('openai').followStream()
  const events = follower.push(Buffer.from(chunk(0, 'a') + chunk(1, 'b') + chunk(0, 'c')))
  expect(events).toEqual([
    { type: 'text', text: 'a' },
    { type: 'text', text: 'c' },
  ])
})

test('cached input counts as input', () => {
  const usage = { input_tokens: 5, cache_creation_input_tokens: 100, cache_read_input_tokens: 1_000, output_tokens: 1 }
  const start = `data: ${JSON.stringify({ type: 'message_start', message: { usage } })}\n\n`
  const delta = `data: ${JSON.stringify({ type: 'message_delta', delta: {}, usage: { output_tokens: 9 } })}\n\n`
  const events = adapterOf('anthropic')
    .followStream()
    .push(Buffer.from(start + delta))
  expect(events.at(-1)).toEqual({ type: 'usage', usage: { inputTokens: 1_105, outputTokens: 9 } })
})
