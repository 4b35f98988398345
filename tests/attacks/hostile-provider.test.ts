import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Browser, ReadAnswer } from '../support/browser.ts'
import { buildTime } from '../support/built.ts'
import type { Behaviour } from '../support/emulator/behaviours.ts'
import { demoKeys } from '../support/emulator/keys.ts'
import { extent, long } from '../support/extent.ts'
import { figure } from '../support/figure.ts'
import { memoryOf } from '../support/memory-of.ts'
import { type Fort, openFort } from './fort.ts'

let fort: Fort
let admin: Browser
beforeAll(async () => {
  fort = await openFort()
  admin = await fort.admin()
}, buildTime)
afterAll(() => fort?.[Symbol.asyncDispose]())

const megabyte = 1_024 * 1_024

/** What the router may grow by, all attacks at once: an answer is held to 16 MB at most, and the collector takes its time. */
const bound = extent(192, 256) * megabyte
const rounds = extent(1, 2)
/** Those that never end of themselves are ended by patience or by their bound; the patience is minutes, and is held by other tests. */
const hostile: readonly (readonly [Behaviour, RegExp])[] = [
  ['endless', /^PROVIDER_RESPONSE_INVALID$/],
  ['endless-event', /^PROVIDER_RESPONSE_INVALID$/],
  ['huge-answer', /^PROVIDER_RESPONSE_INVALID$/],
  ['huge-error', /^PROVIDER_/],
  ['bomb', /^PROVIDER_RESPONSE_INVALID$/],
  ['stream-broken', /^PROVIDER_RESPONSE_INVALID$/],
  ['stream-cut', /^PROVIDER_RESPONSE_INVALID$/],
  ['stream-error', /^PROVIDER_ERROR$/],
  ['stream-hangup', /^PROVIDER_UNREACHABLE$/],
  ['key-echo', /^PROVIDER_KEY_REFUSED$/],
  ['answer-not-json', /^PROVIDER_RESPONSE_INVALID$/],
]
const whole = ['huge-answer', 'answer-not-json']

test('X2 the router as it is shipped stays within its memory whatever providers send, and marks each run for what it was', {
  timeout: extent(60_000, 600_000),
}, async ({ task }) => {
  await admin.post('/api/runs', { model: 'gpt-5.4', prompt: 'hello', stream: false })
  const { now: before } = await memoryOf(fort.routerPid)
  let most = before
  const look = async () => {
    most = Math.max(most, (await memoryOf(fort.routerPid)).now)
  }
  const watch = setInterval(() => void look().catch(() => undefined), 20)
  onTestFinished(() => clearInterval(watch))
  const begun = performance.now()
  const providers = long ? (['openai', 'anthropic', 'cerebras'] as const) : (['openai'] as const)
  for (const [behaviour, code] of hostile) {
    const ask = (provider: string) =>
      admin.post('/api/runs', {
        model: `${provider}/emulator-${behaviour}`,
        prompt: 'hello',
        stream: !whole.includes(behaviour),
      })
    const answers: ReadAnswer[] = []
    for (let round = 0; round < rounds; round += 1) answers.push(...(await Promise.all(providers.map(ask))))
    for (const { status, headers, text } of answers) {
      expect([behaviour, status, text]).not.toEqual([behaviour, 429, text])
      for (const key of Object.values(demoKeys)) expect([behaviour, text.includes(key)]).toEqual([behaviour, false])
      const run = (await admin.get(`/api/runs/${headers.get('x-oort-run-id')}`)).json()
      expect([behaviour, run]).toMatchObject([behaviour, { state: 'failed', errorCode: expect.stringMatching(code) }])
    }
  }
  const grown = most - before
  const seconds = (performance.now() - begun) / 1_000
  for (const key of Object.values(demoKeys)) expect(fort.log().includes(key)).toBe(false)
  expect(grown).toBeLessThan(bound)
  const runs = hostile.length * providers.length * rounds
  figure(task, `${runs} hostile answers in ${seconds.toFixed(1)} s: router grew by ${Math.round(grown / megabyte)} MB`)
})
