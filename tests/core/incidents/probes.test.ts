import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { second } from '../../../core/clock.ts'
import { type Probe, verdictOf } from '../../../core/incidents/probes/probe.ts'
import { probeApi, watchLoopDelay } from '../../../core/incidents/probes/probe-api.ts'
import { probeDatabase } from '../../../core/incidents/probes/probe-database.ts'
import { probesOf } from '../../../core/incidents/probes/probes-of.ts'
import { reachOrigin } from '../../../core/incidents/probes/reach-origin.ts'
import { refusing, withTrigger } from '../../support/behind-the-store.ts'
import { demoKeys } from '../../support/emulator/keys.ts'
import { startMailServer } from '../../support/mail-server.ts'
import { openLab } from './lab.ts'

const never = new AbortController().signal
const calm = { read: () => 1, stop: () => undefined }

/** A stopwatch that runs only where the test says so. */
function handTurned() {
  let at = 0
  return {
    stopwatch: () => at,
    turn(duration: number) {
      at += duration
    },
  }
}

async function serve(answer: RequestListener) {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { seen, port, origin: `http://127.0.0.1:${port}`, close: () => void server.close() }
}

const verdict = (probe: Probe) => verdictOf(probe, never)

describe('an origin', () => {
  test.each([
    [200, 'operational'],
    [401, 'operational'],
    [404, 'operational'],
    [429, 'operational'],
    [500, 'failed'],
    [503, 'failed'],
  ])('that answers %i is %s', async (status, state) => {
    const { origin, close } = await serve((_request, response) => response.writeHead(status).end())
    expect(await reachOrigin(origin, { signal: never, stopwatch: () => 0 })).toBe(state)
    close()
  })

  test('that takes more than three seconds is degraded', async () => {
    const { stopwatch, turn } = handTurned()
    let takes = 3 * second
    const { origin, close } = await serve((_request, response) => {
      turn(takes)
      response.end()
    })
    expect(await reachOrigin(origin, { signal: never, stopwatch })).toBe('operational')
    takes += 1
    expect(await reachOrigin(origin, { signal: never, stopwatch })).toBe('degraded')
    close()
  })

  test('X1 that redirects is there, and nobody goes where it points', async () => {
    const elsewhere = await serve((_request, response) => response.end())
    const pinned = await serve((_request, response) => response.writeHead(302, { location: elsewhere.origin }).end())
    expect(await reachOrigin(pinned.origin, { signal: never, stopwatch: () => 0 })).toBe('operational')
    expect(elsewhere.seen).toEqual([])
    for (const { close } of [elsewhere, pinned]) close()
  })

  test('is failed when nobody listens, speaks no TLS where it should, or hangs up', async () => {
    const { port, close } = await serve((request) => request.socket.destroy())
    for (const origin of ['http://127.0.0.1:9', `https://127.0.0.1:${port}`, `http://127.0.0.1:${port}`]) {
      const look = (signal: AbortSignal) => reachOrigin(origin, { signal, stopwatch: () => 0 })
      expect([origin, await verdict({ component: 'openai', look })]).toEqual([origin, 'failed'])
    }
    close()
  })
})

test('a probe that hears nothing, not even that it is given up, is failed', async () => {
  const deaf: Probe = { component: 'mail', look: () => new Promise(() => undefined) }
  expect(await verdictOf(deaf, never, 5)).toBe('failed')
  expect(await verdictOf(deaf, AbortSignal.abort())).toBe('failed')
})

describe('the API', () => {
  test('is asked for its health at its own address, and is degraded when its event loop was held up', async () => {
    const { seen, origin, close } = await serve((_request, response) => response.end('{"status":"ok"}'))
    for (const [delay, state] of [
      [1, 'operational'],
      [200, 'operational'],
      [201, 'degraded'],
    ] as const) {
      const loop = { ...calm, read: () => delay }
      expect([
        delay,
        await verdict(
          probeApi(
            () => origin,
            loop,
            () => 0,
          ),
        ),
      ]).toEqual([delay, state])
    }
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(3).fill('HEAD /healthz'))
    close()
  })

  test('is failed while it listens nowhere', async () => {
    const nowhere = () => {
      throw new TypeError('nowhere')
    }
    expect(await verdict(probeApi(nowhere, calm, () => 0))).toBe('failed')
  })

  test('has its delay measured anew for each look', async () => {
    const loop = watchLoopDelay()
    // The first timer of the histogram must have been set before the loop is held.
    await new Promise((resolve) => setTimeout(resolve, 60))
    const held = performance.now() + 400
    while (performance.now() < held);
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(loop.read()).toBeGreaterThan(200)
    expect(loop.read()).toBeLessThan(200)
    loop.stop()
  })
})

describe('the database', async () => {
  const lab = await openLab()
  afterAll(() => lab.close())

  test('is operational when it shows what it took, and degraded when that takes more than a second', async () => {
    const { stopwatch, turn } = handTurned()
    expect(await verdict(probeDatabase(lab.platform, stopwatch))).toBe('operational')
    let calls = 0
    const slow = () => {
      calls += 1
      if (calls === 2) turn(second + 1)
      return stopwatch()
    }
    expect(await verdict(probeDatabase(lab.platform, slow))).toBe('degraded')
  })

  test('is failed when it takes nothing', async () => {
    const probed = () => verdict(probeDatabase(lab.platform, () => 0))
    expect(await refusing(lab.platform, 'UPDATE ON instances', probed)).toBe('failed')
  })

  test('is failed when it takes what it does not keep', async () => {
    const probed = () => verdict(probeDatabase(lab.platform, () => 0))
    const lost = await withTrigger(lab.platform, 'AFTER UPDATE ON instances', 'DELETE FROM instances', probed)
    expect(lost).toBe('failed')
  })
})

describe('what is probed', () => {
  const names = (probes: readonly Probe[]) => probes.map(({ component }) => component)
  const parts = { ownOrigin: () => 'http://127.0.0.1:9', loop: calm, stopwatch: () => 0 }

  test('is what is configured', async () => {
    const bare = await openLab()
    const core = ['api', 'database', 'openai', 'anthropic', 'cerebras']
    expect(names(probesOf(bare.platform, parts))).toEqual(core)
    await bare.close()
  })

  test('X1 each at its pinned origin, without a key', async () => {
    const servers = await Promise.all(
      ['openai', 'anthropic', 'cerebras', 'payments'].map(() => serve((_request, response) => response.end())),
    )
    const [openai, anthropic, cerebras, payments] = servers.map(({ origin }) => origin) as [
      string,
      string,
      string,
      string,
    ]
    const mail = await startMailServer()
    const secret = `sk_test_${'0123456789abcdef'.repeat(2)}`
    const lab = await openLab({
      OORT_OPENAI_URL: openai,
      OORT_ANTHROPIC_URL: anthropic,
      OORT_CEREBRAS_URL: cerebras,
      SMTP_URL: mail.url,
      STRIPE_SECRET_KEY: secret,
      STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdefghijklmnopqrstuv',
      STRIPE_API_URL: payments,
      STRIPE_PRICE_PRO: 'price_proMonthly',
    })
    const probes = probesOf(lab.platform, parts).filter(({ component }) => component !== 'api')
    expect(names(probes)).toEqual(['database', 'openai', 'anthropic', 'cerebras', 'mail', 'payments'])
    expect(await Promise.all(probes.map(verdict))).toEqual(Array(6).fill('operational'))
    for (const { seen } of servers) {
      expect(seen).toHaveLength(1)
      const { method, url, headers } = seen[0] as IncomingMessage
      expect([method, url, Object.keys(headers).sort()]).toEqual(['HEAD', '/', ['connection', 'host', 'user-agent']])
      for (const key of [secret, ...Object.values(demoKeys)]) expect(JSON.stringify(headers)).not.toContain(key)
    }
    expect(mail.messages).toEqual([])
    await mail.close()
    expect(await verdict(probes.find(({ component }) => component === 'mail') as Probe)).toBe('failed')
    for (const { close } of servers) close()
    await lab.close()
  })
})
