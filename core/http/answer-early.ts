import { finished } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { limits } from './server-options.ts'

/**
 * Keeps answers that are ready before the body is whole from being lost. They wait for what is still to come of a small
 * one: a proxy that sends it would cut the answer off, now and then, when that comes between. Of a large one they do not,
 * and Node reads the rest and drops it, for as long as a request may take (`requestTimeoutMs`). Fastify would close the
 * connection instead: a sender who is still writing meets a reset, and may never read why.
 */
export function answerEarly(app: FastifyInstance): void {
  app.addHook('onSend', ({ raw, headers }, reply, payload, done) => {
    // Requests that came over no connection are always whole.
    if (raw.complete !== false) return done(null, payload)
    if (reply.statusCode === 413 || Number(headers['content-length'] ?? 0) > limits.bodyBytes) {
      reply.removeHeader('connection')
      return done(null, payload)
    }
    finished(raw.resume(), () => done(null, payload))
  })
}
