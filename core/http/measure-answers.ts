import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { channels } from '../telemetry/channels.ts'
import { createRequestTime, duringRequest, type RequestTime } from '../telemetry/request-time.ts'

interface Measured {
  readonly time: RequestTime
  ownToFirstByte: number | undefined
}

/**
 * Tells of each answer how long it took, and how much of that was ours. The first byte counts as sent when the answer's
 * head is handed to the socket. Where nobody listens, requests are not measured.
 */
export function measureAnswers(app: FastifyInstance): void {
  const measured = new WeakMap<object, Measured>()
  app.addHook('onRequest', (request, _reply, done) => {
    if (!channels.answered.heard) return done()
    const time = createRequestTime()
    measured.set(request, { time, ownToFirstByte: undefined })
    duringRequest(time, done)
  })
  app.addHook('onSend', (request, _reply, payload, done) => {
    const found = measured.get(request)
    if (found !== undefined) {
      const { time } = found
      const streamed = payload instanceof Readable
      // What goes out whole was read whole; a stream begins while its provider still answers.
      found.ownToFirstByte = time.total() - (streamed ? time.untilAnswered() : time.untilEnded())
      if (streamed) {
        channels.streams.tell(1)
        payload.once('close', () => channels.streams.tell(-1))
      }
    }
    done(null, payload)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const found = measured.get(request)
    if (found !== undefined) {
      const { time, ownToFirstByte } = found
      const total = time.total()
      const { id, method, routeOptions } = request
      const { statusCode: status } = reply
      const own = total - time.untilEnded()
      const route = routeOptions.url
      const { forwarded } = time
      channels.answered.tell({ request: time, id, method, route, status, total, own, ownToFirstByte, forwarded })
    }
    done()
  })
}
