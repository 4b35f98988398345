import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ErrorEvent } from '@sentry/core'

/** One POST to the ingest. */
export interface Delivery {
  readonly url: string
  readonly headers: Readonly<Record<string, unknown>>
  /** The envelope as it came. */
  readonly body: string
  /** The events in it. */
  readonly events: readonly ErrorEvent[]
}

export interface SentryIngest {
  /** What SENTRY_DSN is set to. */
  readonly dsn: string
  readonly deliveries: readonly Delivery[]
  /** Every event that came. */
  events(): readonly ErrorEvent[]
  /** Answers all that follows with this. */
  answerWith(status: number, headers?: Readonly<Record<string, string>>): void
  close(): Promise<void>
}

const key = '0123456789abcdef0123456789abcdef'

/**
 * An ingest on loopback that speaks Sentry's envelope endpoint: it refuses other addresses, keys and forms.
 * Source: https://develop.sentry.dev/sdk/data-model/envelopes/
 */
export async function startSentryIngest(): Promise<SentryIngest> {
  const deliveries: Delivery[] = []
  let answer: { status: number; headers: Readonly<Record<string, string>> } = { status: 200, headers: {} }
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://ingest')
      const known = url.pathname === '/api/42/envelope/' && url.searchParams.get('sentry_key') === key
      if (request.method !== 'POST' || !known) return response.writeHead(403).end()
      deliveries.push({ url: request.url ?? '', headers: request.headers, body, events: eventsIn(body) })
      return response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    dsn: `http://${key}@127.0.0.1:${port}/42`,
    deliveries,
    events: () => deliveries.flatMap(({ events }) => events),
    answerWith(status, headers = {}) {
      answer = { status, headers }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An envelope is lines of JSON: its own header, then a header and a payload for each item. */
function eventsIn(body: string): ErrorEvent[] {
  const [, ...items] = body.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)))
  return items.filter((_, at) => at % 2 === 1 && items[at - 1]?.type === 'event')
}
