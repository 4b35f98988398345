import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Clock, second } from '../../core/clock.ts'
import { type Answer, bytes } from '../../core/http/operation.ts'

/** For how long what was made is given out, whatever has changed since. Milliseconds. */
const lasts = 5 * second

interface Remembered {
  readonly body: Buffer
  readonly etag: string
  readonly madeAt: number
}

/**
 * An answer that is the same for everybody, made once in five seconds however many ask: others who come while it is
 * made wait for the same one. `headers` are the caller's: who has it already by its ETag gets 304 without a body
 * (RFC 9110, section 13.1.2). `maxAge` is for caches on the way, in seconds.
 */
export function remember(
  clock: Clock,
  contentType: string,
  maxAge: number,
  make: () => Promise<string>,
): (headers: IncomingHttpHeaders) => Promise<Answer> {
  let newest: Remembered | undefined
  let making: Promise<Remembered> | undefined

  const makeAnew = async (): Promise<Remembered> => {
    const body = Buffer.from(await make())
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    newest = { body, etag, madeAt: clock() }
    return newest
  }
  const current = async (): Promise<Remembered> => {
    if (newest !== undefined && Math.abs(clock() - newest.madeAt) < lasts) return newest
    making ??= makeAnew().finally(() => {
      making = undefined
    })
    return await making
  }

  return async (headers) => {
    const { body, etag } = await current()
    const told = { etag, 'cache-control': `public, max-age=${maxAge}` }
    if (hasIt(headers['if-none-match'], etag)) return { kind: 'json', status: 304, body: null, headers: told }
    return bytes(200, contentType, body, told)
  }
}

/** Proxies that compress mark tags as weak, which is all the same here. */
function hasIt(sent: string | undefined, etag: string): boolean {
  const tags = sent?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? []
  return tags.includes(etag) || tags.includes('*')
}
