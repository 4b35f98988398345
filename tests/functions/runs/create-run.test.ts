import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { runs } from '../../../core/store/schema.ts'
import { scopeOf } from '../../support/seed.ts'
import { eventsIn, openLab, textIn } from './lab.ts'

const lab = await openLab()
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())
const ada = await lab.person()
const scope = scopeOf(lab.oort.platform, ada.userId)

const models = [
  ['openai', 'gpt-5.4'],
  ['anthropic', 'claude-sonnet-5'],
  ['cerebras', 'gpt-oss-120b'],
] as const

describe.each(models)('%s', (provider, model) => {
  test('a streamed run arrives word by word, and who has seen its end finds it in the history', async () => {
    const answer = await ada.browser.fetch('POST', '/api/runs', { body: { model, prompt: `hello ${provider}` } })
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    let text = ''
    let stateWhenSeen: unknown
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const done = /event: done\ndata: (.*)\n\n/.exec(text)?.[1]
      if (done === undefined || stateWhenSeen !== undefined) continue
      const { runId } = JSON.parse(done) as { runId: string }
      stateWhenSeen = (await ada.browser.get(`/api/runs/${runId}`)).json()['state']
    }
    const events = eventsIn(text)
    expect(stateWhenSeen).toBe('succeeded')
    expect(events.map(({ event }) => event).filter((name) => name !== 'usage')).toEqual([
      'run',
      ...Array(4).fill('text'),
      'done',
    ])
    expect(textIn(events)).toBe(`You said: hello ${provider}`)

    const run = (await ada.browser.get(`/api/runs/${answer.headers.get('x-oort-run-id')}`)).json()
    expect(run).toMatchObject({ provider, model, state: 'succeeded', inputTokens: 2, outputTokens: 4 })
    expect(run).toMatchObject({ usageEstimated: false, outputCut: false, errorCode: null, apiKeyId: null })
    expect(run['output']).toBe(`You said: hello ${provider}`)
    expect(JSON.parse(String(run['prompt']))).toEqual({ messages: [{ role: 'user', content: `hello ${provider}` }] })
    expect(events.at(-1)?.data['run']).toEqual({ ...run, prompt: undefined, output: undefined, outputCut: undefined })
  })

  test('a run that is not streamed answers as it is then read', async () => {
    const answer = await ada.browser.post('/api/runs', { model, prompt: 'hello', system: 'Be brief.', stream: false })
    expect(answer.status).toBe(200)
    const run = answer.json()
    expect(run).toMatchObject({ state: 'succeeded', output: 'You said: hello', model })
    expect((await ada.browser.get(`/api/runs/${run['id']}`)).json()).toEqual(run)
  })

  test('parameters and the conversation reach the provider', async () => {
    const messages = [
      { role: 'user', content: 'one two' },
      { role: 'assistant', content: 'three' },
      { role: 'user', content: 'four five six' },
    ]
    const parameters = { maxTokens: 3, temperature: 0.5, topP: 0.9 }
    const answer = await ada.browser.post('/api/runs', { model, messages, parameters, stream: false })
    expect(answer.json()).toMatchObject({ output: 'You said: four', outputTokens: 3 })
    const sent = JSON.parse(String(lab.emulator.requests.at(-1)?.body)) as object
    expect(sent).toMatchObject({ model, messages, temperature: 0.5, top_p: 0.9 })
  })

  test('each opening of the key stands in its ledger, with the run that it was for', async () => {
    const answer = await ada.browser.post('/api/runs', { model, prompt: 'hello', stream: false })
    const { id, providerKeyId } = answer.json<{ id: string; providerKeyId: string }>()
    expect(providerKeyId).toBe(ada.keyIds[provider])
    const uses = await scope.audit({ targetId: providerKeyId, action: 'key.used', limit: 100 })
    expect(uses.filter(({ detail }) => detail['runId'] === id)).toHaveLength(1)
    const story = await scope.audit({ targetId: id, limit: 10 })
    expect(story.map(({ action, detail }) => [action, detail])).toEqual([
      ['run.finished', { state: 'succeeded' }],
      ['run.started', { providerKeyId }],
    ])
  })
})

test('the newest key of the provider pays unless another is named, and none ever takes its place', async () => {
  const person = await lab.person(['openai'])
  const named = person.keyIds.openai
  const { seedKey } = await import('../../support/seed.ts')
  const newest = await seedKey(lab.oort.platform, person.userId, 'openai')
  const claude = await seedKey(lab.oort.platform, person.userId, 'anthropic')
  const paidBy = async (providerKeyId?: string) => {
    const body = {
      model: 'gpt-5.4',
      prompt: 'hi',
      stream: false,
      ...(providerKeyId === undefined ? {} : { providerKeyId }),
    }
    const { status, json } = await person.browser.post('/api/runs', body)
    return status === 200 ? json()['providerKeyId'] : json()['code']
  }
  expect(await paidBy()).toBe(newest)
  expect(await paidBy(named)).toBe(named)
  expect(await paidBy(claude)).toBe('PROVIDER_KEY_MISSING')
  expect(await paidBy(ada.keyIds.openai)).toBe('PROVIDER_KEY_MISSING')
  expect(lab.emulator.requests).toHaveLength(2)
})

describe('refused, and nothing is stored or sent', () => {
  const cases: [string, unknown, number, string][] = [
    ['an unknown model', { model: 'no-such-model', prompt: 'x' }, 404, 'MODEL_UNKNOWN'],
    ['an unknown provider', { model: 'acme/gpt-5.4', prompt: 'x' }, 404, 'MODEL_UNKNOWN'],
    ['neither prompt nor messages', { model: 'gpt-5.4' }, 400, 'BODY_INVALID'],
    ['both', { model: 'gpt-5.4', prompt: 'x', messages: [{ role: 'user', content: 'x' }] }, 400, 'BODY_INVALID'],
    ['an unknown field', { model: 'gpt-5.4', prompt: 'x', userId: 'usr_x' }, 400, 'BODY_INVALID'],
    ['an unknown role', { model: 'gpt-5.4', messages: [{ role: 'root', content: 'x' }] }, 400, 'BODY_INVALID'],
    ['a temperature of 3', { model: 'gpt-5.4', prompt: 'x', parameters: { temperature: 3 } }, 400, 'BODY_INVALID'],
    ['a key of another kind', { model: 'gpt-5.4', prompt: 'x', providerKeyId: 'run_1' }, 400, 'BODY_INVALID'],
    ['NUL', '{"model":"gpt-5.4","prompt":"a\\u0000b"}', 400, 'TEXT_INVALID'],
    ['half a surrogate pair', '{"model":"gpt-5.4","prompt":"a\\ud83db"}', 400, 'TEXT_INVALID'],
    ['half of one in /v1', '{"model":"gpt-5.4","messages":[{"role":"user","content":"\\uDE00"}]}', 400, 'TEXT_INVALID'],
    ['no JSON', '{"model":', 400, 'JSON_INVALID'],
    ['a poisoned prototype', '{"model":"gpt-5.4","prompt":"x","__proto__":{"a":1}}', 400, 'JSON_INVALID'],
  ]
  test.each(cases)('%s', async (name, body, status, code) => {
    const before = await scope.count(runs)
    const answer = await ada.browser.post(name.endsWith('/v1') ? '/v1/chat/completions' : '/api/runs', body)
    expect([answer.status, answer.json()['code']]).toEqual([status, code])
    expect(await scope.count(runs)).toBe(before)
    expect(lab.emulator.requests).toHaveLength(0)
  })

  test('no key for the provider', async () => {
    const person = await lab.person([])
    const answer = await person.browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'x' })
    expect([answer.status, answer.json()['code']]).toEqual([422, 'PROVIDER_KEY_MISSING'])
    expect(await scopeOf(lab.oort.platform, person.userId).count(runs)).toBe(0)
  })

  test('N2 a body of 10 MB', async () => {
    const body = { model: 'gpt-5.4', messages: [{ role: 'user', content: 'x'.repeat(10_000_000) }] }
    for (const path of ['/api/runs', '/v1/chat/completions', '/v1/messages']) {
      expect((await ada.browser.post(path, body)).status).toBe(413)
    }
    expect(lab.emulator.requests).toHaveLength(0)
  })
})
