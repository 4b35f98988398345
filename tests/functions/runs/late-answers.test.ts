import OpenAI from 'openai'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openLab } from './lab.ts'

const lab = await openLab({ runs: { upstream: { headersTimeout: 200, answerTimeout: 5_000 } } })
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())
const ada = await lab.person()
// Signing in alone may take longer than a connection may stand still from now on.
lab.oort.app.server.setTimeout(500)

const doors = [
  ['/api/runs', { model: 'openai/emulator-late', prompt: 'hello' }],
  ['/v1/chat/completions', { model: 'openai/emulator-late', messages: [{ role: 'user', content: 'hello' }] }],
] as const

test.each(doors)(
  '%s: an answer that is not streamed may take longer to begin than a stream may',
  async (path, body) => {
    const streamed = await ada.browser.post(path, { ...body, stream: true })
    expect([streamed.status, streamed.json()['code']]).toEqual([504, 'PROVIDER_TIMEOUT'])
    const whole = await ada.browser.post(path, { ...body, stream: false })
    expect(whole.status).toBe(200)
  },
)

test('a client that sends failed requests again by itself does not pay twice for what took too long', async () => {
  lab.emulator.script('openai', 'silence', 'silence', 'silence')
  const client = new OpenAI({ baseURL: `${lab.oort.origin}/v1`, apiKey: ada.token })
  const asking = client.chat.completions.create({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'hello' }] })
  await expect(asking).rejects.toMatchObject({ status: 504 })
  expect(lab.emulator.requests).toHaveLength(1)
})
