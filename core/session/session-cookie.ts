import type { IncomingMessage, ServerResponse } from 'node:http'
import { getIronSession, type SessionOptions } from 'iron-session'
import * as z from 'zod'
import { day } from '../clock.ts'
import type { Config } from '../config.ts'
import { idOf } from '../ids.ts'
import { type DeviceCookie, deviceCookie } from './device-cookie.ts'

/** How long a session lives: unused, and in all. */
export const sessionLimits = { idle: day / 2, absolute: 14 * day } as const

/** True while neither limit of a session has passed. */
export function isAlive(session: { readonly createdAt: number; readonly lastSeenAt: number }, now: number): boolean {
  return now - session.createdAt < sessionLimits.absolute && now - session.lastSeenAt < sessionLimits.idle
}

/** Browsers keep no larger cookie (RFC 6265, section 6.1), so a larger one is not ours. */
const largestCookie = 4_096

/**
 * A seal as iron-session writes it, in its one spelling: the last character of the HMAC has two bits that decoding drops
 * and the version after `~` is not authenticated, so that without this some altered cookies would pass for the original.
 */
const seal = /^Fe26\.2\*[12]\*[0-9a-f]{64}\*[\w-]{22}\*[\w-]+\*\d+\*[0-9a-f]{64}\*[\w-]{42}[AEIMQUYcgkosw048]~2$/

/** What the sealed cookie says. `purpose` keeps a seal that was made for something else from being a session. */
const sessionPayload = z.strictObject({
  purpose: z.literal('session'),
  sessionId: idOf('session'),
  userId: idOf('user'),
  epoch: z.int().nonnegative(),
})

export type SessionPayload = z.output<typeof sessionPayload>

/** Reads and writes the session cookie of one exchange. */
export interface SessionCookie {
  /** The payload of a whole, unexpired cookie; undefined for anything else. Never throws. */
  read(): Promise<SessionPayload | undefined>
  save(payload: Omit<SessionPayload, 'purpose'>): Promise<void>
  clear(): Promise<void>
  /** The cookie beside it, which outlives the session. */
  readonly device: DeviceCookie
}

/** The cookie of a request and its response. Source: iron-session's README. */
export function sessionCookie(config: Config, request: IncomingMessage, response: ServerResponse): SessionCookie {
  const { session: current, sessionPrevious: previous } = config.secrets
  const options = sessionOptions(config, current)
  return {
    device: deviceCookie(config, request, response),
    async read() {
      if (!hasOneWholeSeal(request.headers.cookie, options.cookieName)) return undefined
      for (const secret of previous === undefined ? [current] : [current, previous]) {
        const opened = await getIronSession(request, response, sessionOptions(config, secret))
        const { save: _, destroy: __, updateConfig: ___, ...data } = opened
        const payload = sessionPayload.safeParse(data).data
        if (payload !== undefined) return payload
      }
      return undefined
    },
    async save(payload) {
      const session = await getIronSession<SessionPayload>(request, response, options)
      Object.assign(session, { purpose: 'session', ...payload })
      await session.save()
    },
    async clear() {
      const session = await getIronSession<SessionPayload>(request, response, options)
      session.destroy()
    },
  }
}

/**
 * How a cookie is sealed with `secret`. Each secret is tried by itself and has the same number in every seal: were they
 * numbered by age, the number would be wrong, and everybody signed out, as soon as the secret before is taken away.
 *
 * `__Host-` binds the cookie to this host, the whole path and TLS (RFC 6265bis, section 4.1.3.2).
 */
export function sessionOptions(config: Config, secret: string): SessionOptions {
  const secure = config.publicUrl.startsWith('https://')
  return {
    cookieName: secure ? '__Host-oort' : 'oort',
    // Cookies under either number are out there.
    password: { 1: secret, 2: secret },
    ttl: sessionLimits.absolute / 1_000,
    cookieOptions: { httpOnly: true, secure, sameSite: 'lax', path: '/' },
  }
}

/** Whether the Cookie header holds exactly one cookie of this name, with the look of a seal. */
function hasOneWholeSeal(header: string | undefined, name: string): boolean {
  if (header === undefined || header.length > 2 * largestCookie) return false
  const named = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
  return named.length === 1 && seal.test(named[0]?.slice(name.length + 1) ?? '')
}
