import type { IncomingMessage, ServerResponse } from 'node:http'
import { day, second } from '../clock.ts'
import type { Config } from '../config.ts'

const lifetime = 365 * day
const tokenShape = /^[\w-]{43}$/

/**
 * Reads and writes the cookie by which a browser is known again. It signs nobody in: whoever has a copy of it is
 * spared a mail to the owner, and nothing else.
 */
export interface DeviceCookie {
  /** The token (256 bits in base64url); undefined for anything that we did not write. */
  read(): string | undefined
  /** Keeps the token in the browser for a year from now. */
  save(token: string): void
}

export function deviceCookie(config: Config, request: IncomingMessage, response: ServerResponse): DeviceCookie {
  const secure = config.publicUrl.startsWith('https://')
  const name = secure ? '__Host-oort-device' : 'oort-device'
  return {
    read() {
      const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
      const [token, ...others] = pairs.filter((pair) => pair.startsWith(`${name}=`))
      const value = token?.slice(name.length + 1)
      return others.length === 0 && value !== undefined && tokenShape.test(value) ? value : undefined
    },
    save(token) {
      const attributes = `Path=/; Max-Age=${lifetime / second}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
      response.appendHeader('set-cookie', `${name}=${token}; ${attributes}`)
    },
  }
}
