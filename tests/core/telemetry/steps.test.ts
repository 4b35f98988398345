import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { channels, type StepEnded } from '../../../core/telemetry/channels.ts'
import { createRequestTime, duringRequest, type RequestTime } from '../../../core/telemetry/request-time.ts'
import { askUpstream, asStep } from '../../../core/telemetry/steps.ts'

let request: RequestTime
let told: StepEnded[]
let stop: () => void
beforeEach(() => {
  request = createRequestTime()
  told = []
  stop = () => undefined
})
afterEach(() => stop())

const listen = () => {
  stop = channels.stepEnded.listen((step) => told.push(step))
}
/** What `work` comes to as part of the request, some turns of the event loop later. */
const within = <T>(work: () => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => duringRequest(request, () => setImmediate(() => work().then(resolve, reject))))

test('what is asked within a request counts for it, and what is asked outside of any counts for none', async () => {
  askUpstream('openai').ended()
  expect(request.forwarded).toBe(false)
  await within(async () => askUpstream('openai').ended())
  expect(request.forwarded).toBe(true)
})

describe('a step', () => {
  test('is told of with its request and its times when it has ended, whether it came to something or not', async () => {
    listen()
    const refusal = new Error('refused')
    await expect(within(() => asStep('commit', async () => 'a value'))).resolves.toBe('a value')
    await expect(within(() => asStep('authentication', () => Promise.reject(refusal)))).rejects.toBe(refusal)
    expect(told.map(({ step }) => step)).toEqual(['commit', 'authentication'])
    for (const step of told) {
      expect(step.request).toBe(request)
      expect(step.began).toBeGreaterThanOrEqual(request.began)
      expect(step.ended).toBeGreaterThanOrEqual(step.began)
    }
  })

  test('of a provider is told of once, with the moment of its first byte', async () => {
    listen()
    await within(async () => {
      const asking = askUpstream('cerebras')
      asking.answered()
      asking.ended()
      asking.ended()
      askUpstream('openai').ended()
    })
    expect(told).toEqual([
      expect.objectContaining({ step: 'upstream', provider: 'cerebras', answered: expect.any(Number) }),
      expect.objectContaining({ step: 'upstream', provider: 'openai', answered: undefined }),
    ])
  })

  test('outside of a request is told to nobody, and where nobody listens the very work is handed back', async () => {
    const work = Promise.resolve()
    expect(await within(async () => asStep('commit', () => work) === work)).toBe(true)
    listen()
    expect(asStep('commit', () => work)).toBe(work)
    expect(told).toEqual([])
  })
})
