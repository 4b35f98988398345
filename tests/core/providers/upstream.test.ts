import { once } from 'node:events'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { OortError } from '../../../core/errors.ts'
import { providers } from '../../../core/providers/provider.ts'
import { readBody } from '../../../core/providers/read-body.ts'
import { transportError } from '../../../core/providers/transport-error.ts'
import { createUpstream } from '../../../core/providers/upstream.ts'
import { freePort } from '../../../infra/bundling/free-port.ts'
import type { Behaviour } from '../../support/emulator/behaviours.ts'
import { demoKeys } from '../../support/emulator/keys.ts'
import { ask, openLab } from './lab.ts'

const { emulator, upstream, pauses, ...lab } = await openLab({ headersTimeout: 300, bodyTimeout: 300 })
beforeEach(() => {
  emulator.reset()
  pauses.length = 0
})
afterAll(() => lab[Symbol.asyncDispose]())

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'nothing thrown'
  } catch (error) {
    return error instanceof OortError ? error.code : `another error: ${String(error)}`
  }
}

describe('retries', () => {
  test.each(['error-429', 'error-500', 'error-503', 'error-529'] as const)(
    '%s is tried again, three times in all',
    async (behaviour) => {
      emulator.script('openai', behaviour, behaviour, 'answer')
      const response = await upstream.send(ask('openai'))
      await readBody(response.body)
      expect(response.status).toBe(200)
      expect(emulator.requests).toHaveLength(3)

      emulator.reset()
      emulator.script('openai', behaviour, behaviour, behaviour, 'answer')
      const last = await upstream.send(ask('openai'))
      await readBody(last.body)
      expect(last.status).toBe(Number(behaviour.slice(6)))
      expect(emulator.requests).toHaveLength(3)
    },
  )

  test.each([
    'error-400',
    'error-401',
    'error-402',
    'error-403',
    'error-404',
    'error-413',
    'error-without-retry',
  ] as const)('%s is not tried again', async (behaviour) => {
    emulator.script('openai', behaviour, 'answer')
    const response = await upstream.send(ask('openai'))
    await readBody(response.body)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(emulator.requests).toHaveLength(1)
  })

  test.each(['stream-error', 'stream-cut', 'stream-hangup', 'stall'] as const)(
    'once a byte of the answer has come nothing is tried again: %s',
    async (behaviour) => {
      const response = await upstream.send(ask('openai', behaviour, { stream: true }))
      await readBody(response.body).catch(() => undefined)
      expect(emulator.requests).toHaveLength(1)
      expect(pauses).toEqual([])
    },
  )

  test.each(['hangup', 'silence'] as const)(
    'a request that was sent and may be billed is not sent twice: %s',
    async (behaviour) => {
      const code = await codeOf(upstream.send(ask('openai', behaviour)))
      expect(code).toBe(behaviour === 'hangup' ? 'PROVIDER_UNREACHABLE' : 'PROVIDER_TIMEOUT')
      expect(emulator.requests).toHaveLength(1)
    },
  )

  test('Retry-After is honoured up to ten seconds; a longer one goes to the caller', async () => {
    emulator.script('openai', 'error-429', 'error-500', 'answer')
    await readBody((await upstream.send(ask('openai'))).body)
    expect(pauses).toEqual([1_000, 2])

    emulator.reset()
    emulator.script('openai', 'error-429-for-long', 'answer')
    const response = await upstream.send(ask('openai'))
    await readBody(response.body)
    expect(response.status).toBe(429)
    expect(emulator.requests).toHaveLength(1)
  })

  test('a connection that fails is tried again, then PROVIDER_UNREACHABLE', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`
    const tries: number[] = []
    const alone = createUpstream(
      { openai: nowhere, anthropic: nowhere, cerebras: nowhere },
      { backoff: (retry) => retry, sleep: async (pause) => void tries.push(pause) },
    )
    expect(await codeOf(alone.send(ask('openai')))).toBe('PROVIDER_UNREACHABLE')
    expect(tries).toEqual([1, 2])
    await alone.close()
  })

  test('the real pauses are waited for, and the signal cuts them short', async () => {
    const real = createUpstream(emulator.origins)
    emulator.script('openai', 'error-500', 'answer')
    const started = performance.now()
    await readBody((await real.send(ask('openai'))).body)
    expect(performance.now() - started).toBeGreaterThanOrEqual(250)

    emulator.script('openai', 'error-429', 'answer')
    const again = performance.now()
    expect(await codeOf(real.send(ask('openai'), { signal: AbortSignal.timeout(50) }))).toBe('PROVIDER_TIMEOUT')
    expect(performance.now() - again).toBeLessThan(700)
    await real.close()
  })
})

describe('the signal', () => {
  /** Its own limits are far off. */
  const patient = createUpstream(emulator.origins)
  afterAll(() => patient.close())
  const atOnce = 2_000

  test('before the answer, it closes the upstream socket at once', async () => {
    const controller = new AbortController()
    const sent = codeOf(patient.send(ask('openai', 'silence'), { signal: controller.signal }))
    while (emulator.requests.length === 0) await new Promise(setImmediate)
    const started = performance.now()
    controller.abort()
    expect(await emulator.requests[0]?.ended).toBe('abandoned')
    expect(performance.now() - started).toBeLessThan(atOnce)
    expect(await sent).toBe('RUN_CANCELLED')
  })

  test('in the middle of a stream, it closes the upstream socket at once', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const response = await patient.send(ask('openai', 'endless', { stream: true }), { signal })
    await once(response.body, 'readable')
    const started = performance.now()
    controller.abort()
    expect(await emulator.requests[0]?.ended).toBe('abandoned')
    expect(performance.now() - started).toBeLessThan(atOnce)
    expect(await codeOf(readBody(response.body))).toBe('RUN_CANCELLED')
  })

  test.each([
    ['an error of ours', new OortError('SHUTTING_DOWN'), 'SHUTTING_DOWN'],
    ['a text', 'enough', 'RUN_CANCELLED'],
    ['nothing', undefined, 'RUN_CANCELLED'],
  ])('its reason tells why the run ended: %s', async (_, reason, code) => {
    for (const behaviour of ['silence', 'stall'] as const) {
      emulator.reset()
      const controller = new AbortController()
      const { signal } = controller
      const run = codeOf(
        upstream
          .send(ask('openai', behaviour, { stream: true }), { signal })
          .then(({ body }) => readBody(body, 100, signal)),
      )
      while (emulator.requests.length === 0) await new Promise(setImmediate)
      controller.abort(reason)
      expect(await run).toBe(code)
    }
  })

  test('a signal that is aborted already sends nothing', async () => {
    expect(await codeOf(upstream.send(ask('openai'), { signal: AbortSignal.abort() }))).toBe('RUN_CANCELLED')
    expect(emulator.requests).toEqual([])
  })

  test('a destroyed body closes the upstream socket at once', async () => {
    const response = await upstream.send(ask('openai', 'endless', { stream: true }))
    await once(response.body, 'readable')
    response.body.on('error', () => {}).destroy()
    expect(await emulator.requests[0]?.ended).toBe('abandoned')
  })
})

describe('bounds', () => {
  test('X2 a provider that says nothing ends with PROVIDER_TIMEOUT', async () => {
    expect(await codeOf(upstream.send(ask('anthropic', 'silence')))).toBe('PROVIDER_TIMEOUT')
  })

  test('X2 a provider that falls silent ends with PROVIDER_TIMEOUT', async () => {
    const response = await upstream.send(ask('anthropic', 'stall', { stream: true }))
    expect(await codeOf(readBody(response.body))).toBe('PROVIDER_TIMEOUT')
    expect(await emulator.requests[0]?.ended).toBe('abandoned')
  })

  test('X2 a provider that never comes to an end ends with PROVIDER_TIMEOUT', async () => {
    const impatient = createUpstream(emulator.origins, { answerTimeout: 200 })
    const response = await impatient.send(ask('openai', 'endless', { stream: true }))
    const followed = (async () => {
      for await (const chunk of response.body) void chunk
    })()
    expect(await codeOf(followed)).toBe('PROVIDER_TIMEOUT')
    expect(await emulator.requests[0]?.ended).toBe('abandoned')
    await impatient.close()
  })

  test('X2 a provider that hangs up ends with PROVIDER_UNREACHABLE', async () => {
    const response = await upstream.send(ask('cerebras', 'stream-hangup', { stream: true }))
    expect(await codeOf(readBody(response.body))).toBe('PROVIDER_UNREACHABLE')
  })

  test('X2 a body that fails before anyone reads it neither ends the process nor counts as whole', async () => {
    const impatient = createUpstream(emulator.origins, { answerTimeout: 20 })
    const stalled = await impatient.send(ask('openai', 'stall', { stream: true }))
    const received = await impatient.send(ask('openai'))
    const cut = await upstream.send(ask('cerebras', 'stream-hangup', { stream: true }))
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await codeOf(readBody(stalled.body))).toBe('PROVIDER_TIMEOUT')
    expect(await codeOf(readBody(received.body))).toBe('PROVIDER_TIMEOUT')
    expect(await codeOf(readBody(cut.body))).toBe('PROVIDER_UNREACHABLE')
    await impatient.close()
  })

  test('close ends what is open and refuses what comes later', async () => {
    const closing = createUpstream(emulator.origins)
    const open = codeOf(closing.send(ask('openai', 'silence')))
    while (emulator.requests.length === 0) await new Promise(setImmediate)
    await closing.close()
    expect(await open).toBe('SHUTTING_DOWN')
    expect(await codeOf(closing.send(ask('openai')))).toBe('SHUTTING_DOWN')
  })
})

describe('X1 hosts', () => {
  test.each(providers)('X1 a redirect of %s is refused, not followed', async (provider) => {
    const sent = upstream.send(ask(provider, 'redirect'))
    expect(await codeOf(sent)).toBe('PROVIDER_ERROR')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(emulator.requests.map((request) => request.provider)).toEqual([provider])
  })

  test.each(['//evil.example/', '/\\evil.example/', 'https://evil.example/', 'v1/models', '', '/v1 /x', '/v1\r\nx: y'])(
    'X1 the path %j is refused before anything is sent',
    async (path) => {
      expect(await codeOf(upstream.send({ ...ask('openai'), path }))).toBe('INTERNAL')
      expect(emulator.requests).toEqual([])
    },
  )

  test('X2 no compressed answer is asked for, and one that comes unasked is refused unread', async () => {
    expect(await codeOf(upstream.send(ask('openai', 'bomb')))).toBe('PROVIDER_RESPONSE_INVALID')
    expect(emulator.requests[0]?.headers['accept-encoding']).toBe('identity')
    expect(await emulator.requests[0]?.ended).toBe('abandoned')
  })
})

test('D3 a key that is no header value is refused without being repeated', async () => {
  const headers = { authorization: 'Bearer sk-proj-secret\r\nx: y' }
  const error = await upstream.send({ ...ask('openai'), headers }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'INTERNAL' })
  expect(describeAll(error)).not.toContain('sk-proj-secret')
  expect(emulator.requests).toEqual([])
})

test("a pause that the signal cuts short ends for the signal's reason", async () => {
  const signal = AbortSignal.abort(new OortError('SHUTTING_DOWN'))
  expect(transportError(new Error('the pause was cut short'), signal).code).toBe('SHUTTING_DOWN')
})

test('D3 an error of the connection keeps its code and nothing else', () => {
  const original = Object.assign(new Error('sk-proj-secret'), { code: 'HPE_INVALID_CONSTANT', data: 'sk-proj-secret' })
  const error = transportError(original)
  expect(error.code).toBe('PROVIDER_RESPONSE_INVALID')
  expect(JSON.stringify([error.message, error.stack, error.facts, String(error.cause)])).not.toContain('sk-proj-secret')
})

test('D3 no failure of any kind has the key in it', async () => {
  const failures: Behaviour[] = ['hangup', 'silence', 'redirect', 'bomb']
  const requests = providers.flatMap((provider) => failures.map((behaviour) => ask(provider, behaviour)))
  const errors = requests.map((request) => upstream.send(request).catch((thrown: unknown) => thrown))
  for (const error of await Promise.all(errors)) {
    expect(error).toBeInstanceOf(OortError)
    for (const key of Object.values(demoKeys)) expect(describeAll(error)).not.toContain(key)
  }
})

/** Everything that a log could print of an error: message, stack, own fields, causes. */
function describeAll(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.message, error.stack, JSON.stringify(error), describeAll(error.cause)].join('\n')
}
