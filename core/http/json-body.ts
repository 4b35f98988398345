import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { OortError } from '../errors.ts'
import { faultOfJson } from './strict-json.ts'

declare module 'fastify' {
  interface FastifyRequest {
    rawBody: Buffer
  }
}

const noBytes = Buffer.alloc(0)
/** Text that could become a NUL or half of a surrogate pair once its escapes are read. */
const suspicious = /\\u(?:0000|[dD][89a-fA-F])/

/**
 * Accepts JSON and nothing else as a body, keeps its very bytes as `rawBody`, and refuses what would be lost or
 * changed on its way: bytes that are no UTF-8, NUL, unpaired surrogates, repeated keys, keys that poison a
 * prototype, and nesting without a limit.
 * Errors: JSON_INVALID, TEXT_INVALID, CONTENT_TYPE_UNSUPPORTED, BODY_TOO_LARGE.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.decorateRequest('rawBody')
  app.addHook('onRequest', async (request) => {
    request.rawBody = noBytes
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request: FastifyRequest, body, done) => {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body)
    request.rawBody = bytes
    // Clients name the type on every request; whether a body has to be there is for the operation's schema to say.
    if (bytes.length === 0) return done(null, undefined)
    if (!isUtf8(bytes)) return done(new OortError('JSON_INVALID', { detail: 'The body is not UTF-8.' }))
    const text = bytes.toString('utf8')
    void parse(request, text, (error, value: unknown) => {
      if (error !== null && error !== undefined) return done(new OortError('JSON_INVALID'))
      const fault = faultOfJson(text)
      if (fault !== undefined) return done(new OortError('JSON_INVALID', { detail: fault }))
      if (suspicious.test(text) && !isCleanText(value)) return done(new OortError('TEXT_INVALID'))
      return done(null, value)
    })
  })
}

/** True when no string in the value, however deep, holds a NUL or an unpaired surrogate. */
export function isCleanText(value: unknown): boolean {
  const waiting: unknown[] = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next === 'string') {
      if (next.includes('\0') || !next.isWellFormed()) return false
    } else if (typeof next === 'object' && next !== null) {
      for (const [key, member] of Object.entries(next)) waiting.push(key, member)
    }
  }
  return true
}
