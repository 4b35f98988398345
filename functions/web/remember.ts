import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Clock, second } from '../../core/clock.ts'
import { type Answer, bytes } from '../../core/http/operation.ts'

/** For how long what was made is given out, whatever has changed since. Milliseconds. */
const lasts = 5 * second

/** What `make` makes, at most five seconds old: who comes while it is made waits for the same one. */
export function anewEachFiveSeconds<T>(clock: Clock, make: () => Promise<T>): () => Promise<T> {
  let newest: { readonly made: T; readonly at: number } | undefined
  let making: Promise<T> | undefined

  const makeAnew = async (): Promise<T> => {
    const made = await make()
    newest = { made, at: clock() }
    return made
  }
  return async () => {
    if (newest !== undefined && Math.abs(clock() - newest.at) < lasts) return newest.made
    making ??= makeAnew().finally(() => {
      making = undefined
    })
    return await making
  }
}

/**
 * An answer that is the same for everybody, made once in five seconds however many ask. `headers` are the caller's:
 * who has it already by its ETag gets 304 without a body (RFC 9110, section 13.1.2). `maxAge` is for caches on the way,
 * in seconds.
 */
export function remember(
  clock: Clock,
  contentType: string,
  maxAge: number,
  make: () => Promise<string>,
): (headers: IncomingHttpHeaders) => Promise<Answer> {
  const current = anewEachFiveSeconds(clock, async () => {
    const body = Buffer.from(await make())
    return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` }
  })

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
