import Anthropic from '@anthropic-ai/sdk'
import Cerebras from '@cerebras/cerebras_cloud_sdk'
import OpenAI from 'openai'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { startEmulator } from './emulator.ts'
import { demoKeys } from './keys.ts'

// The emulator is worth as much as the providers' own clients believe it.

const emulator = await startEmulator()
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

const openai = new OpenAI({ apiKey: demoKeys.openai, baseURL: `${emulator.origins.openai}/v1`, maxRetries: 0 })
const claudeByOpenai = new OpenAI({
  apiKey: demoKeys.anthropic,
  baseURL: `${emulator.origins.anthropic}/v1`,
  maxRetries: 0,
})
const anthropic = new Anthropic({ apiKey: demoKeys.anthropic, baseURL: emulator.origins.anthropic, maxRetries: 0 })
const cerebras = new Cerebras({
  apiKey: demoKeys.cerebras,
  baseURL: emulator.origins.cerebras,
  maxRetries: 0,
  warmTCPConnection: false,
})

const messages = [{ role: 'user' as const, content: 'hello there' }]
const said = 'You said: hello there'
const schema = { type: 'object' as const, properties: { city: { type: 'string' }, days: { type: 'integer' } } }
const called = { city: 'Hamburg', days: 1 }
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

describe.each([
  { name: 'openai', client: openai, model: 'gpt-5.4' },
  { name: 'openai to Anthropic', client: claudeByOpenai, model: 'claude-sonnet-5' },
])('$name', ({ client, model }) => {
  test('reads an answer and its usage', async () => {
    const answer = await client.chat.completions.create({ model, messages })
    expect(answer.choices[0]?.message.content).toBe(said)
    expect(answer.choices[0]?.finish_reason).toBe('stop')
    expect(answer.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 })
  })

  test('reads a stream, token by token, with the usage at its end', async () => {
    const stream = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } })
    const tokens: string[] = []
    stream.on('content', (delta) => void (delta === '' || tokens.push(delta)))
    const final = await stream.finalChatCompletion()
    expect(tokens).toEqual(['You', ' said:', ' hello', ' there'])
    expect(final.choices[0]?.message.content).toBe(said)
    expect(final.usage?.completion_tokens).toBe(4)
  })

  test('without include_usage a stream has no usage', async () => {
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    for await (const chunk of stream) expect(chunk.usage ?? null).toBeNull()
  })

  test('reads a tool call, whole and streamed, and answers it', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }]
    const whole = await client.chat.completions.create({ model, messages, tools })
    const streamed = await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion()
    for (const { choices } of [whole, streamed]) {
      const call = choices[0]?.message.tool_calls?.[0]
      expect(choices[0]?.finish_reason).toBe('tool_calls')
      expect(call?.type === 'function' && call.function.name).toBe('weather')
      expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual(called)
    }
    const call = whole.choices[0]?.message
    const result = { role: 'tool' as const, tool_call_id: 'call_emulated', content: 'rain' }
    const answer = await client.chat.completions.create({
      model,
      tools,
      messages: [...messages, ...(call === undefined ? [] : [call]), result],
    })
    expect(answer.choices[0]?.message.content).toBe('You said: rain')
  })

  test('sends an image', async () => {
    const content = [
      { type: 'text' as const, text: 'look' },
      { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${pixel}` } },
    ]
    const answer = await client.chat.completions.create({ model, messages: [{ role: 'user', content }] })
    expect(answer.choices[0]?.message.content).toBe('You said: look (and sent 1 image)')
  })

  test('lists models', async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toContain(model)
  })

  test('knows the errors, before the answer and within it', async () => {
    const errors = [
      ['error-400', OpenAI.BadRequestError],
      ['error-401', OpenAI.AuthenticationError],
      ['error-404', OpenAI.NotFoundError],
      ['error-429', OpenAI.RateLimitError],
      ['error-500', OpenAI.InternalServerError],
    ] as const
    for (const [behaviour, type] of errors) {
      const sent = client.chat.completions.create({ model: `emulator-${behaviour}`, messages })
      await expect(sent).rejects.toBeInstanceOf(type)
    }
    const stream = await client.chat.completions.create({ model: 'emulator-stream-error', messages, stream: true })
    await expect(Array.fromAsync(stream)).rejects.toBeInstanceOf(OpenAI.APIError)
  })
})

test('openai: a reasoning model refuses max_tokens as it does in life', async () => {
  const sent = openai.chat.completions.create({ model: 'o4-mini', messages, max_tokens: 5 })
  await expect(sent).rejects.toBeInstanceOf(OpenAI.BadRequestError)
  const cut = await openai.chat.completions.create({ model: 'o4-mini', messages, max_completion_tokens: 2 })
  expect(cut.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'You said:' } })
})

describe('@anthropic-ai/sdk', () => {
  const asked = { model: 'claude-sonnet-5', max_tokens: 100, messages }

  test('reads an answer and its usage', async () => {
    const answer = await anthropic.messages.create(asked)
    expect(answer.content).toMatchObject([{ type: 'text', text: said }])
    expect(answer).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 2, output_tokens: 4 } })
  })

  test('reads a stream, token by token, with the usage at its end', async () => {
    const stream = anthropic.messages.stream(asked)
    const tokens: string[] = []
    stream.on('text', (delta) => void tokens.push(delta))
    const final = await stream.finalMessage()
    expect(tokens).toEqual(['You', ' said:', ' hello', ' there'])
    expect(final.content).toMatchObject([{ type: 'text', text: said }])
    expect(final).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 2, output_tokens: 4 } })
  })

  test('gets the events in the documented order', async () => {
    const events = await Array.fromAsync(await anthropic.messages.create({ ...asked, stream: true }))
    expect(events.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      ...Array.from({ length: 4 }, () => 'content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })

  test('reads a tool call, whole and streamed, and answers it', async () => {
    const tools = [{ name: 'weather', input_schema: schema }]
    const whole = await anthropic.messages.create({ ...asked, tools })
    const streamed = await anthropic.messages.stream({ ...asked, tools }).finalMessage()
    for (const answer of [whole, streamed]) {
      expect(answer.stop_reason).toBe('tool_use')
      expect(answer.content).toMatchObject([{ type: 'tool_use', name: 'weather', input: called }])
    }
    const result = { type: 'tool_result' as const, tool_use_id: 'toolu_emulated', content: 'rain' }
    const answer = await anthropic.messages.create({
      ...asked,
      tools,
      messages: [...messages, { role: 'assistant', content: whole.content }, { role: 'user', content: [result] }],
    })
    expect(answer.stop_reason).toBe('end_turn')
  })

  test('sends an image', async () => {
    const source = { type: 'base64' as const, media_type: 'image/png' as const, data: pixel }
    const content = [
      { type: 'image' as const, source },
      { type: 'text' as const, text: 'look' },
    ]
    const answer = await anthropic.messages.create({ ...asked, messages: [{ role: 'user', content }] })
    expect(answer.content).toMatchObject([{ text: 'You said: look (and sent 1 image)' }])
  })

  test('lists models', async () => {
    expect((await anthropic.models.list()).data.map(({ id }) => id)).toContain('claude-sonnet-5')
  })

  test('knows the errors, before the answer and within it', async () => {
    const errors = [
      ['error-400', Anthropic.BadRequestError],
      ['error-401', Anthropic.AuthenticationError],
      ['error-404', Anthropic.NotFoundError],
      ['error-429', Anthropic.RateLimitError],
      ['error-529', Anthropic.InternalServerError],
    ] as const
    for (const [behaviour, type] of errors) {
      const sent = anthropic.messages.create({ ...asked, model: `emulator-${behaviour}` })
      await expect(sent).rejects.toBeInstanceOf(type)
    }
    const stream = await anthropic.messages.create({ ...asked, model: 'emulator-stream-error', stream: true })
    await expect(Array.fromAsync(stream)).rejects.toMatchObject({ error: { error: { type: 'overloaded_error' } } })
  })
})

describe('@cerebras/cerebras_cloud_sdk', () => {
  const model = 'gpt-oss-120b'

  test('reads an answer, its usage and its time', async () => {
    const answer = await cerebras.chat.completions.create({ model, messages })
    expect(answer).toMatchObject({
      object: 'chat.completion',
      choices: [{ finish_reason: 'stop', message: { content: said } }],
      usage: { prompt_tokens: 2, completion_tokens: 4 },
      time_info: { total_time: expect.any(Number) },
    })
  })

  test('reads a stream with the usage beside the finish reason', async () => {
    const stream = await cerebras.chat.completions.create({ model, messages, stream: true })
    const chunks = await Array.fromAsync(stream)
    const text = chunks.map((chunk) => ('choices' in chunk ? deltaOf(chunk.choices) : '')).join('')
    expect(text).toBe(said)
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: { completion_tokens: 4 } })
  })

  test('reads a tool call', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }]
    const answer = await cerebras.chat.completions.create({ model, messages, tools })
    const call = { function: { name: 'weather', arguments: JSON.stringify(called) } }
    expect(answer).toMatchObject({ choices: [{ finish_reason: 'tool_calls', message: { tool_calls: [call] } }] })
  })

  test('lists models', async () => {
    expect(await cerebras.models.list()).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ id: model })]),
    })
  })

  test('knows the errors, before the answer and within it', async () => {
    const errors = [
      ['error-400', Cerebras.BadRequestError],
      ['error-401', Cerebras.AuthenticationError],
      ['error-404', Cerebras.NotFoundError],
      ['error-429', Cerebras.RateLimitError],
      ['error-500', Cerebras.InternalServerError],
    ] as const
    for (const [behaviour, type] of errors) {
      const sent = cerebras.chat.completions.create({ model: `emulator-${behaviour}`, messages })
      await expect(sent).rejects.toBeInstanceOf(type)
    }
    const stream = await cerebras.chat.completions.create({ model: 'emulator-stream-error', messages, stream: true })
    await expect(Array.fromAsync(stream)).rejects.toBeInstanceOf(Cerebras.APIError)
  })
})

function deltaOf(choices: unknown): string {
  if (!Array.isArray(choices)) return ''
  return choices.map((choice) => choice?.delta?.content ?? '').join('')
}

test('a key of another provider, or one that is not for a demo or a test, is refused', async () => {
  for (const apiKey of [demoKeys.anthropic, demoKeys.cerebras, 'sk-proj-0123456789abcdefghijklmnop', '']) {
    const answer = await fetch(`${emulator.origins.openai}/v1/models`, {
      headers: { authorization: `Bearer ${apiKey}` },
    })
    expect(answer.status).toBe(401)
  }
})
