import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import * as z from 'zod'

const nanoseconds = z.string().regex(/^\d{19}$/)
const attributes = z.array(
  z.strictObject({
    key: z.string(),
    value: z.union([z.strictObject({ stringValue: z.string() }), z.strictObject({ intValue: z.number() })]),
  }),
)
const none = z.array(z.never()).optional()
const span = z.strictObject({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  status: z.strictObject({ code: z.number() }),
  flags: z.number(),
  events: none,
  links: none,
  droppedAttributesCount: z.literal(0),
  droppedEventsCount: z.literal(0),
  droppedLinksCount: z.literal(0),
})
/** An ExportTraceServiceRequest in JSON. */
const request = z.strictObject({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({ attributes }),
      scopeSpans: z.array(z.looseObject({ spans: z.array(span) })),
    }),
  ),
})

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly attributes: Readonly<Record<string, string | number>>
  /** 0 unset, 2 error. */
  readonly status: number
}

export interface OtlpIngest {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT is set to. */
  readonly endpoint: string
  /** Each POST as it came. */
  readonly deliveries: readonly { readonly headers: IncomingHttpHeaders; readonly body: string }[]
  /** Every span that came. */
  spans(): readonly ReceivedSpan[]
  /** Answers all that follows with this status; `never` leaves callers waiting. */
  answerWith(status: number | 'never'): void
  close(): Promise<void>
}

/**
 * A collector on loopback that speaks OTLP/HTTP with JSON. It refuses other addresses and, of spans, all that ours have
 * no use for: events, links, attributes that are neither texts nor whole numbers.
 * Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
 */
export async function startOtlpIngest(): Promise<OtlpIngest> {
  const deliveries: { headers: IncomingHttpHeaders; body: string }[] = []
  const spans: ReceivedSpan[] = []
  let answer: number | 'never' = 200
  const server = createServer((sent, response) => {
    void text(sent).then((body) => {
      if (sent.method !== 'POST' || sent.url !== '/v1/traces') return response.writeHead(404).end()
      deliveries.push({ headers: sent.headers, body })
      if (answer === 'never') return
      const parsed = request.safeParse(JSON.parse(body))
      if (!parsed.success) return response.writeHead(400).end(parsed.error.message)
      if (answer === 200) spans.push(...spansIn(parsed.data))
      return response.writeHead(answer, { 'content-type': 'application/json' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    deliveries,
    spans: () => spans,
    answerWith(status) {
      answer = status
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function spansIn({ resourceSpans }: z.output<typeof request>): readonly ReceivedSpan[] {
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map(({ traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano, ...rest }) => ({
      ...{ traceId, spanId, parentSpanId, name, kind },
      from: Number(startTimeUnixNano) / 1e6,
      to: Number(endTimeUnixNano) / 1e6,
      attributes: Object.fromEntries(rest.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
      status: rest.status.code,
    }))
}
