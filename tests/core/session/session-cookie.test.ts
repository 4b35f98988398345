import { randomBytes } from 'node:crypto'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import fc from 'fast-check'
import { sealData } from 'iron-session'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { day, hour } from '../../../core/clock.ts'
import { type Config, parseConfig } from '../../../core/config.ts'
import { newId } from '../../../core/ids.ts'
import { isAlive, sessionCookie, sessionLimits, sessionOptions } from '../../../core/session/session-cookie.ts'
import { chanceOf } from '../../support/extent.ts'
import { figure } from '../../support/figure.ts'
import { mutateCookie } from '../../support/mutate-cookie.ts'
import { startOort, type TestOort } from '../../support/oort.ts'

const env = {
  NODE_ENV: 'test',
  BYOK_MASTER_KEY: randomBytes(32).toString('base64'),
  SESSION_SECRET: randomBytes(32).toString('base64'),
  OORT_PUBLIC_URL: 'https://oort.test',
}
const config = parseConfig(env)
const payload = { sessionId: newId('session'), userId: newId('user'), epoch: 3 }

/** One exchange of a browser that sends this Cookie header. */
function exchange(cookie?: string, under = config) {
  const request = new IncomingMessage(new Socket())
  if (cookie !== undefined) request.headers.cookie = cookie
  const response = new ServerResponse(request)
  return { cookie: sessionCookie(under, request, response), response }
}

async function sealed(under = config): Promise<string> {
  const { cookie, response } = exchange(undefined, under)
  await cookie.save(payload)
  return String(response.getHeader('set-cookie')).split(';')[0] ?? ''
}

describe('the session cookie', () => {
  test('gives back what was saved, under this secret or the one before it', async () => {
    const whole = { purpose: 'session', ...payload }
    const line = await sealed()
    expect(await exchange(line).cookie.read()).toEqual(whole)
    const rotated = parseConfig({
      ...env,
      SESSION_SECRET: randomBytes(32).toString('base64'),
      SESSION_SECRET_PREVIOUS: env.SESSION_SECRET,
    })
    expect(await exchange(line, rotated).cookie.read()).toEqual(whole)
    expect(await exchange(await sealed(rotated), rotated).cookie.read()).toEqual(whole)
  })

  test('outlives each step of a change of secrets, and the next change', async () => {
    const secrets = [env.SESSION_SECRET, ...[1, 2].map(() => randomBytes(32).toString('base64'))] as const
    const under = (session: number, previous?: number) =>
      parseConfig({
        ...env,
        SESSION_SECRET: secrets[session],
        ...(previous === undefined ? {} : { SESSION_SECRET_PREVIOUS: secrets[previous] }),
      })
    const first = await sealed(under(0))
    const second = await sealed(under(1, 0))
    const read = async (line: string, config: Config) => (await exchange(line, config).cookie.read()) !== undefined
    expect([await read(first, under(1, 0)), await read(second, under(1, 0))]).toEqual([true, true])
    expect([await read(first, under(1)), await read(second, under(1))]).toEqual([false, true])
    expect([await read(first, under(2, 1)), await read(second, under(2, 1))]).toEqual([false, true])
  })

  test('says nothing under another secret', async () => {
    const line = await sealed()
    const other = parseConfig({ ...env, SESSION_SECRET: randomBytes(32).toString('base64') })
    expect(await exchange(line, other).cookie.read()).toBeUndefined()
  })

  test('S2 is far below the 4,096 bytes that browsers keep', async () => {
    expect((await sealed()).length).toBeLessThan(1_024)
  })

  test.each<[string, object]>([
    ['for another purpose', { ...payload, purpose: 'download' }],
    ['for no purpose', payload],
    ['with a member more', { ...payload, purpose: 'session', role: 'admin' }],
    ['without its epoch', { purpose: 'session', sessionId: payload.sessionId, userId: payload.userId }],
    [
      'with ids of another kind',
      { purpose: 'session', sessionId: payload.userId, userId: payload.sessionId, epoch: 0 },
    ],
    ['with a negative epoch', { ...payload, purpose: 'session', epoch: -1 }],
  ])('S2 a seal %s, made with our own secret, is no session', async (_what, data) => {
    const { cookieName, password } = sessionOptions(config, env.SESSION_SECRET)
    const seal = await sealData(data, { password, ttl: 3_600 })
    expect(await exchange(`${cookieName}=${seal}`).cookie.read()).toBeUndefined()
  })

  test('S2 every other spelling of a seal is refused, and so is a second cookie of the name', async () => {
    const line = await sealed()
    const at = line.length - '~2'.length - 1
    for (const end of ['~3', '~22', '~2A', '~', '', '~2~2']) {
      expect(await exchange(line.slice(0, at + 1) + end).cookie.read()).toBeUndefined()
    }
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.replace(line[at] ?? '', '')) {
      expect(await exchange(`${line.slice(0, at)}${last}~2`).cookie.read()).toBeUndefined()
    }
    expect(await exchange(`${line}; ${line}`).cookie.read()).toBeUndefined()
    expect(await exchange(`theme=dark; ${line}; lang=en`).cookie.read()).toMatchObject(payload)
  })

  test('S2 anything else is no session and no exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(await exchange(`__Host-oort=${text}`).cookie.read()).toBeUndefined()
      }),
      { numRuns: 300 },
    )
    expect(await exchange(`__Host-oort=${'a'.repeat(100_000)}`).cookie.read()).toBeUndefined()
  })

  test('S3 is alive just under each limit and dead at it', () => {
    expect(sessionLimits).toEqual({ idle: 12 * hour, absolute: 14 * day })
    const at = (createdAgo: number, seenAgo: number) => isAlive({ createdAt: -createdAgo, lastSeenAt: -seenAgo }, 0)
    expect(at(12 * hour - 1, 12 * hour - 1)).toBe(true)
    expect(at(12 * hour, 12 * hour)).toBe(false)
    expect(at(14 * day - 1, 0)).toBe(true)
    expect(at(14 * day, 0)).toBe(false)
  })

  test('without TLS, for development, carries no name that would promise it', () => {
    const plain = sessionOptions(parseConfig({ ...env, OORT_PUBLIC_URL: 'http://localhost:3000' }), env.SESSION_SECRET)
    expect(plain).toMatchObject({ cookieName: 'oort', cookieOptions: { secure: false, httpOnly: true } })
  })
})

describe('S2 mutated cookies', () => {
  let oort: TestOort
  beforeAll(async () => {
    oort = await startOort({ env: { OORT_LOG_LEVEL: 'silent' } })
  })
  afterAll(() => oort.close())

  test('of 10,000, none is accepted and none is answered 5xx', async ({ task }) => {
    const owner = await oort.signedIn()
    const whole = owner.session
    const chance = chanceOf('mutated cookies')
    const statuses = new Map<number, number>()
    for (let count = 0; count < 10_000; count += 1) {
      const cookie = mutateCookie(whole, count, chance)
      const { statusCode } = await oort.app.inject({ method: 'GET', url: '/api/auth/me', headers: { cookie } })
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
    }
    expect((await oort.app.inject({ method: 'GET', url: '/api/auth/me', headers: { cookie: whole } })).statusCode).toBe(
      200,
    )
    expect([...statuses]).toEqual([[401, 10_000]])
    figure(task, '10,000 mutated: 0 accepted, 0 answered 5xx')
  })
})
