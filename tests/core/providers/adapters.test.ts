import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { OortError } from '../../../core/errors.ts'
import { adapterOf } from '../../../core/providers/adapters.ts'
import { parseJson } from '../../../core/providers/json.ts'
import { providers, type StreamEvent } from '../../../core/providers/provider.ts'
import { readBody } from '../../../core/providers/read-body.ts'
import { demoKeys } from '../../support/emulator/keys.ts'
import { ask, models, openLab } from './lab.ts'

const { emulator, upstream, ...lab } = await openLab()
beforeEach(() => emulator.reset())
afterAll(() => lab[Symbol.asyncDispose]())

const said = 'You said: tell me about the Oort cloud'
const usage = { inputTokens: 6, outputTokens: 8 }
const finish = { openai: 'stop', anthropic: 'end_turn', cerebras: 'stop' }

describe.each(providers)('%s', (provider) => {
  const adapter = adapterOf(provider)
  const key = demoKeys[provider]

  test('answers a run whole', async () => {
    const response = await upstream.send(ask(provider))
    const answer = adapter.readAnswer(parseJson((await readBody(response.body)).toString()))
    expect(response.status).toBe(200)
    expect(answer).toEqual({ text: said, usage, finishReason: finish[provider], model: models[provider] })
  })

  test('answers a run as a stream: text, finish, usage, done', async () => {
    const response = await upstream.send(ask(provider, 'answer', { stream: true }))
    const follower = adapter.followStream()
    const events: StreamEvent[] = []
    for await (const chunk of response.body) events.push(...follower.push(chunk))
    events.push(...follower.end())

    expect(events.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe(said)
    expect(events.at(0)).toEqual({ type: 'model', model: models[provider] })
    expect(events.filter(({ type }) => type === 'finish')).toEqual([{ type: 'finish', reason: finish[provider] }])
    expect(events.findLast(({ type }) => type === 'usage')).toEqual({ type: 'usage', usage })
    expect(events.at(-1)).toEqual({ type: 'done' })
  })

  test('every option of a prompt reaches the provider', async () => {
    const response = await upstream.send(
      ask(provider, 'answer', { system: 'Be brief', maxTokens: 3, temperature: 0.5, topP: 0.9 }),
    )
    const answer = adapter.readAnswer(parseJson((await readBody(response.body)).toString()))
    const sent = parseJson(emulator.requests[0]?.body.toString() ?? '')
    expect(answer.text).toBe('You said: tell')
    expect(answer.usage).toEqual({ inputTokens: 8, outputTokens: 3 })
    expect(answer.finishReason).toBe(provider === 'anthropic' ? 'max_tokens' : 'length')
    expect(sent).toMatchObject({ temperature: 0.5, top_p: 0.9 })
  })

  test('lists its models, which tells whether a key is valid', async () => {
    const good = await upstream.send(adapter.modelsRequest(key))
    const listed = adapter.readModels(parseJson((await readBody(good.body)).toString()))
    expect(listed).toContainEqual({ id: models[provider] })

    const bad = await upstream.send(adapter.modelsRequest(key.replace(/demo/, 'sham')))
    expect(adapter.readError(bad.status, await readBody(bad.body)).code).toBe('PROVIDER_KEY_REFUSED')
  })

  test('passes bytes through untouched', async () => {
    const body = Buffer.from(
      `{ "messages": [{"content":"h\\u00e9 ☄", "role":"user"}],\n"max_completion_tokens": 9007199254740993,` +
        ` "max_tokens": 5, "model":"${models[provider].replace('gpt-5.4', 'gpt-4.1-mini')}"  }`,
    )
    for (const endpoint of adapter.endpoints) {
      emulator.reset()
      await readBody((await upstream.send(adapter.passThroughRequest(endpoint, body, key, {}))).body)
      expect(emulator.requests.map((request) => request.body)).toEqual([body])
    }
  })

  test('sends the key in one header and nowhere else', async () => {
    const body = Buffer.from(JSON.stringify({ model: models[provider], messages: [{ role: 'user', content: 'hi' }] }))
    const requests = [
      ask(provider),
      adapter.modelsRequest(key),
      ...adapter.endpoints.map((endpoint) => adapter.passThroughRequest(endpoint, body, key, {})),
    ]
    for (const request of requests) {
      expect(request.path).not.toContain(key)
      expect(Buffer.from(request.body ?? '').toString()).not.toContain(key)
      expect(Object.values(request.headers).filter((value) => value.includes(key))).toHaveLength(1)
    }
  })

  test("D3 takes none of the caller's headers along but those that choose a version or a feature", async () => {
    const body = Buffer.from(JSON.stringify({ model: models[provider], messages: [{ role: 'user', content: 'hi' }] }))
    const [endpoint = 'chat.completions'] = adapter.endpoints
    const request = adapter.passThroughRequest(endpoint, body, key, {
      authorization: 'Bearer oort_caller',
      'x-api-key': 'oort_caller',
      cookie: '__Host-oort=1',
      host: 'evil.example',
      forwarded: 'for=192.0.2.1',
      'x-forwarded-for': '192.0.2.1',
      'transfer-encoding': 'chunked',
      'content-length': '1',
      'anthropic-version': '2099-01-01',
      'anthropic-beta': ['one-beta', 'another-beta'],
      'openai-beta': 'assistants=v2',
      'openai-organization': 'org-1\r\nx-injected: 1',
    })
    const own = provider === 'anthropic' ? { 'x-api-key': key } : { authorization: `Bearer ${key}` }
    const chosen = {
      openai: { 'openai-beta': 'assistants=v2' },
      anthropic: { 'anthropic-version': '2099-01-01', 'anthropic-beta': 'one-beta, another-beta' },
      cerebras: {},
    }[provider]
    expect(request.headers).toEqual({ ...own, ...chosen, 'content-type': 'application/json' })
  })

  test("knows the shape of its own keys and of no other provider's", () => {
    for (const other of providers) expect(adapter.isPlausibleKey(demoKeys[other])).toBe(other === provider)
    for (const text of ['', 'sk-', `${key}\n`, `${key} `, `${key}é`, key.repeat(20), `Bearer ${key}`]) {
      expect(adapter.isPlausibleKey(text)).toBe(false)
    }
  })

  test('refuses an answer of the wrong shape', () => {
    for (const json of [undefined, null, 42, [], {}, { choices: [] }, { type: 'message' }, { error: {} }]) {
      expect(() => adapter.readAnswer(json)).toThrow(expect.objectContaining({ code: 'PROVIDER_RESPONSE_INVALID' }))
      expect(() => adapter.readModels(json)).toThrow(OortError)
    }
  })
})

test('only Anthropic has a Messages endpoint', () => {
  for (const provider of ['openai', 'cerebras'] as const) {
    const request = () => adapterOf(provider).passThroughRequest('messages', new Uint8Array(), demoKeys[provider], {})
    expect(request).toThrow(expect.objectContaining({ code: 'PROVIDER_REQUEST_REFUSED' }))
  }
})

test('Claude models answer on the OpenAI-compatible endpoint too, whole and streamed', async () => {
  const adapter = adapterOf('anthropic')
  const send = (stream: boolean) => {
    const asked = {
      model: 'claude-sonnet-5',
      messages: [{ role: 'user', content: 'hello' }],
      stream,
      stream_options: { include_usage: true },
    }
    const body = Buffer.from(JSON.stringify(asked))
    return upstream.send(adapter.passThroughRequest('chat.completions', body, demoKeys.anthropic, {}))
  }
  const whole = parseJson((await readBody((await send(false)).body)).toString())
  expect(adapter.readAnswer(whole, 'chat.completions').text).toBe('You said: hello')

  const follower = adapter.followStream('chat.completions')
  const events = follower.push(await readBody((await send(true)).body))
  expect(events.at(-1)).toEqual({ type: 'done' })
  expect(events).toContainEqual({ type: 'usage', usage: { inputTokens: 1, outputTokens: 3 } })
})

test('X1 a key reaches the listener of its own provider and no other', async () => {
  for (const provider of providers) {
    for (const request of [ask(provider), adapterOf(provider).modelsRequest(demoKeys[provider])]) {
      await readBody((await upstream.send(request)).body)
    }
  }
  expect(emulator.requests).toHaveLength(6)
  for (const { provider, headers } of emulator.requests) {
    const text = JSON.stringify(headers)
    for (const other of providers) expect(text.includes(demoKeys[other])).toBe(other === provider)
  }
})
