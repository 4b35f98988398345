import Anthropic from '@anthropic-ai/sdk'
import Cerebras from '@cerebras/cerebras_cloud_sdk'
import OpenAI from 'openai'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { openLab } from './lab.ts'

// The providers' own clients, with base URL and API key changed and nothing else.

const lab = await openLab()
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())
const ada = await lab.person()
const { origin } = lab.oort

const openai = new OpenAI({ apiKey: ada.token, baseURL: `${origin}/v1`, maxRetries: 0 })
const anthropic = new Anthropic({ apiKey: ada.token, baseURL: origin, maxRetries: 0 })
const cerebras = new Cerebras({ apiKey: ada.token, baseURL: origin, maxRetries: 0, warmTCPConnection: false })

const messages = [{ role: 'user' as const, content: 'hello there' }]
const said = 'You said: hello there'
const schema = { type: 'object' as const, properties: { city: { type: 'string' } } }
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

async function lastRun(): Promise<Record<string, unknown>> {
  const list = (await ada.browser.get('/api/runs?limit=1')).json<{ runs: { id: string }[] }>()
  return (await ada.browser.get(`/api/runs/${list.runs[0]?.id}`)).json()
}

describe.each([
  { name: 'openai', model: 'gpt-5.4', provider: 'openai', sent: 'gpt-5.4' },
  { name: 'openai with Anthropic', model: 'claude-sonnet-5', provider: 'anthropic', sent: 'claude-sonnet-5' },
  { name: 'openai with a prefix', model: 'cerebras/qwen-3.8-27b', provider: 'cerebras', sent: 'qwen-3.8-27b' },
])('$name', ({ model, provider, sent }) => {
  test('reads an answer, which stands in the history with what was asked', async () => {
    const answer = await openai.chat.completions.create({ model, messages })
    expect(answer.choices[0]?.message.content).toBe(said)
    const run = await lastRun()
    expect(run).toMatchObject({ endpoint: 'chat.completions', provider, model: sent, state: 'succeeded', output: said })
    expect(run).toMatchObject({ inputTokens: 2, outputTokens: 4, usageEstimated: false })
    expect(JSON.parse(String(run['prompt']))).toEqual({ model, messages })
    const [request] = lab.emulator.requests
    expect(request?.provider).toBe(provider)
    expect(JSON.parse(String(request?.body))).toEqual({ model: sent, messages })
  })

  test('reads a stream, token by token', async () => {
    const stream = openai.chat.completions.stream({ model, messages, stream_options: { include_usage: true } })
    const tokens: string[] = []
    stream.on('content', (delta) => void (delta === '' || tokens.push(delta)))
    const final = await stream.finalChatCompletion()
    expect(tokens).toEqual(['You', ' said:', ' hello', ' there'])
    expect(final.usage?.completion_tokens).toBe(4)
    expect(await lastRun()).toMatchObject({ state: 'succeeded', output: said, outputTokens: 4, usageEstimated: false })
  })

  test('reads tool calls and sends images', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }]
    const called = await openai.chat.completions.create({ model, messages, tools })
    expect(called.choices[0]?.message.tool_calls).toHaveLength(1)
    const streamed = await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion()
    expect(streamed.choices[0]?.message.tool_calls).toHaveLength(1)
    const image = { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${pixel}` } }
    const content = [{ type: 'text' as const, text: 'look' }, image]
    const seen = await openai.chat.completions.create({ model, messages: [{ role: 'user', content }] })
    expect(seen.choices[0]?.message.content).toBe('You said: look (and sent 1 image)')
  })

  test('raises the typed errors, before an answer and within it', async () => {
    const expected = [
      ['error-400', OpenAI.BadRequestError],
      ['error-401', OpenAI.AuthenticationError],
      ['error-403', OpenAI.PermissionDeniedError],
      ['error-404', OpenAI.NotFoundError],
      ['error-429-for-long', OpenAI.RateLimitError],
      ['error-500', OpenAI.InternalServerError],
    ] as const
    for (const [behaviour, type] of expected) {
      const asked = openai.chat.completions.create({ model: `${provider}/emulator-${behaviour}`, messages })
      const error = await asked.catch((thrown: unknown) => thrown)
      expect(error, behaviour).toBeInstanceOf(type)
      expect(String(error), behaviour).toContain('says that')
      expect((await lastRun())['state']).toBe('failed')
    }
    for (const behaviour of ['stream-error', 'stream-cut']) {
      const stream = await openai.chat.completions.create({
        model: `${provider}/emulator-${behaviour}`,
        messages,
        stream: true,
      })
      await expect(Array.fromAsync(stream), behaviour).rejects.toBeInstanceOf(OpenAI.APIError)
      expect(await lastRun()).toMatchObject({ state: 'failed', usageEstimated: true })
    }
  })
})

test('the bytes of request and answer pass as they are, in both directions', async () => {
  const body =
    '{ "model" : "gpt-5.4",\t"messages":[{"role":"user","content":"caf\\u00e9 ☕"}], "unknown_to_us": 1.0e3 }'
  const send = (url: string, key: string) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
    })
  const through = await send(origin, ada.token)
  expect(lab.emulator.requests[0]?.body.toString()).toBe(body)
  const { demoKeys } = await import('../../support/emulator/keys.ts')
  const direct = await send(lab.emulator.origins.openai, demoKeys.openai)
  expect(await through.text()).toBe(await direct.text())
  expect(through.headers.get('content-type')).toBe(direct.headers.get('content-type'))
})

test("nothing of the caller's request but what chooses a version or a feature reaches the provider", async () => {
  await openai.chat.completions.create(
    { model: 'gpt-5.4', messages },
    { headers: { 'openai-beta': 'x=1', cookie: 'a=b', 'x-forwarded-for': '1.2.3.4', 'x-api-key': 'nothing' } },
  )
  const headers = lab.emulator.requests[0]?.headers ?? {}
  expect(Object.keys(headers).sort()).toEqual(
    ['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type', 'host'].concat([
      'openai-beta',
      'user-agent',
    ]),
  )
  expect(headers.authorization).not.toContain(ada.token)
})

describe('@anthropic-ai/sdk', () => {
  const asked = { model: 'claude-sonnet-5', max_tokens: 100, messages }

  test('reads an answer and a stream', async () => {
    const answer = await anthropic.messages.create(asked)
    expect(answer.content).toEqual([{ type: 'text', text: said }])
    expect(await lastRun()).toMatchObject({ endpoint: 'messages', output: said, inputTokens: 2, outputTokens: 4 })
    const streamed = await anthropic.messages.stream(asked).finalMessage()
    expect(streamed.content).toMatchObject([{ type: 'text', text: said }])
    expect(await lastRun()).toMatchObject({ state: 'succeeded', output: said, usageEstimated: false })
  })

  test('reads a tool call and sends an image', async () => {
    const tools = [{ name: 'weather', input_schema: schema }]
    const called = await anthropic.messages.stream({ ...asked, tools }).finalMessage()
    expect(called.content[0]).toMatchObject({ type: 'tool_use', name: 'weather', input: { city: 'Hamburg' } })
    const source = { type: 'base64' as const, media_type: 'image/png' as const, data: pixel }
    const content = [
      { type: 'text' as const, text: 'look' },
      { type: 'image' as const, source },
    ]
    const seen = await anthropic.messages.create({ ...asked, messages: [{ role: 'user', content }] })
    expect(seen.content).toMatchObject([{ text: 'You said: look (and sent 1 image)' }])
  })

  test('raises the typed errors, before an answer and within it', async () => {
    const expected = [
      ['error-400', Anthropic.BadRequestError],
      ['error-401', Anthropic.AuthenticationError],
      ['error-404', Anthropic.NotFoundError],
      ['error-429-for-long', Anthropic.RateLimitError],
      ['error-529', Anthropic.InternalServerError],
    ] as const
    for (const [behaviour, type] of expected) {
      const sent = anthropic.messages.create({ ...asked, model: `anthropic/emulator-${behaviour}` })
      await expect(sent, behaviour).rejects.toBeInstanceOf(type)
    }
    for (const behaviour of ['stream-error', 'stream-cut']) {
      const stream = anthropic.messages.stream({ ...asked, model: `anthropic/emulator-${behaviour}` })
      await expect(stream.finalMessage(), behaviour).rejects.toBeInstanceOf(Anthropic.APIError)
      expect((await lastRun())['state']).toBe('failed')
    }
  })

  test('a model of another provider is refused here', async () => {
    const sent = anthropic.messages.create({ ...asked, model: 'gpt-5.4' })
    await expect(sent).rejects.toBeInstanceOf(Anthropic.UnprocessableEntityError)
  })
})

test('@cerebras/cerebras_cloud_sdk reads an answer, a stream and an error', async () => {
  const answer = await cerebras.chat.completions.create({ model: 'gpt-oss-120b', messages })
  expect(answer).toMatchObject({ choices: [{ message: { content: said } }] })
  const stream = await cerebras.chat.completions.create({ model: 'gpt-oss-120b', messages, stream: true })
  expect(await Array.fromAsync(stream)).not.toHaveLength(0)
  expect(await lastRun()).toMatchObject({ state: 'succeeded', output: said, outputTokens: 4 })
  const refused = cerebras.chat.completions.create({ model: 'cerebras/emulator-error-401', messages })
  await expect(refused).rejects.toBeInstanceOf(Cerebras.AuthenticationError)
})

test('all list the models that the keys can reach', async () => {
  const ids = (await openai.models.list()).data.map(({ id }) => id)
  expect(ids).toEqual(expect.arrayContaining(['gpt-5.4', 'claude-sonnet-5', 'gpt-oss-120b']))
  expect((await anthropic.models.list({ limit: 1000 })).data.map(({ id }) => id)).toEqual(ids)
  expect((await cerebras.models.list()).data?.map(({ id }) => id)).toEqual(ids)
  const person = await lab.person(['anthropic'])
  const few = await new OpenAI({ apiKey: person.token, baseURL: `${origin}/v1` }).models.list()
  expect(few.data.every(({ owned_by }) => owned_by === 'anthropic')).toBe(true)
  const models = (await person.browser.get('/api/models')).json<{ models: { id: string }[] }>()
  expect(models.models.map(({ id }) => id)).toEqual(few.data.map(({ id }) => id))
})

test('an API key that is wrong, or lacks the scope, raises the typed error and stores nothing', async () => {
  const wrong = new OpenAI({ apiKey: 'oort_wrong', baseURL: `${origin}/v1`, maxRetries: 0 })
  await expect(wrong.chat.completions.create({ model: 'gpt-5.4', messages })).rejects.toBeInstanceOf(
    OpenAI.AuthenticationError,
  )
  const { seedApiKey } = await import('../../support/seed.ts')
  const { token } = await seedApiKey(lab.oort.platform, ada.userId, ['runs:read'])
  const reader = new OpenAI({ apiKey: token, baseURL: `${origin}/v1`, maxRetries: 0 })
  await expect(reader.chat.completions.create({ model: 'gpt-5.4', messages })).rejects.toBeInstanceOf(
    OpenAI.PermissionDeniedError,
  )
  expect(lab.emulator.requests).toHaveLength(0)
})
