import {
  createEnvelope,
  createTransport,
  type ErrorEvent,
  type EventEnvelope,
  getEnvelopeEndpointWithUrlEncodedAuth,
  makeDsn,
} from '@sentry/core'
import { second } from '../clock.ts'

export interface FaultTransport {
  send(event: ErrorEvent): Promise<void>
}

const patience = 5 * second

/**
 * Sends events to the ingest that a DSN names, and heeds its rate limits. It is Sentry's transport alone: without its
 * client nothing is collected, instrumented or added to an event. Source: https://develop.sentry.dev/sdk/data-model/envelopes/
 * Throws TypeError for what is no DSN.
 */
export function createFaultTransport(dsn: string): FaultTransport {
  const components = makeDsn(dsn)
  if (components === undefined) throw new TypeError('not a DSN')
  const url = getEnvelopeEndpointWithUrlEncodedAuth(components)
  const transport = createTransport({ recordDroppedEvent: () => undefined }, async ({ body }) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-sentry-envelope' },
      body: Buffer.from(body),
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    })
    await answer.body?.cancel()
    const limits = answer.headers.get('x-sentry-rate-limits')
    const retryAfter = answer.headers.get('retry-after')
    return { statusCode: answer.status, headers: { 'x-sentry-rate-limits': limits, 'retry-after': retryAfter } }
  })
  return {
    async send(event) {
      const headers = { event_id: event.event_id ?? '', sent_at: new Date().toISOString() }
      await transport.send(createEnvelope<EventEnvelope>(headers, [[{ type: 'event' }, event]]))
    },
  }
}
