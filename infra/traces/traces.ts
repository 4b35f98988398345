import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { second } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { version } from '../../core/version.ts'
import { tellOfLoss } from './tell-of-loss.ts'
import { traceRequests } from './trace-requests.ts'

/** Milliseconds for one batch, tries again included: of the 5 s that a stop has once its answers are out, half stay. */
const sendFor = 2 * second
/** Spans. A collector that is down costs this much memory and no more: what comes on top is lost. */
const queue = 2_048
const batch = 512

export interface TracesOptions {
  /** Where the collector is: spans go to `/v1/traces` below it. */
  readonly endpoint: string
  readonly publicUrl: string
  readonly log: Log
  readonly instanceId: string
}

export interface Traces {
  /** Stops to listen and sends what is left. Resolves within 3 s, whether or not the collector took it. */
  stop(): Promise<void>
}

/**
 * Sends a trace of each request over OTLP/HTTP, as JSON, in batches every 5 s. Headers that a collector asks for are read
 * from `OTEL_EXPORTER_OTLP_HEADERS`. Nothing registers itself with OpenTelemetry's globals: no library of ours adds spans,
 * no context is read from a request and none is sent along with one.
 * Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function createTraces({ endpoint, publicUrl, log, instanceId }: TracesOptions): Traces {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  // One request at a time and, at the end, all that waits.
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: sendFor, concurrencyLimit: queue / batch + 1 })
  const processor = new BatchSpanProcessor({
    exporter: tellOfLoss(exporter, log),
    maxQueueSize: queue,
    maxExportBatchSize: batch,
    scheduledDelayMillis: 5 * second,
    exportTimeoutMillis: 2 * sendFor,
  })
  const provider = new TracerProvider({
    // Said here, so that no detector looks around in the machine.
    resource: resourceFromAttributes({
      'service.name': 'oort',
      'service.version': version,
      'service.instance.id': instanceId,
    }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [processor],
  })
  const stopListening = traceRequests(provider.getTracer('oort', version), new URL(publicUrl).protocol.slice(0, -1))
  return {
    async stop() {
      stopListening()
      // It rejects for what was not taken, of which the log has been told.
      await provider.shutdown().catch(() => undefined)
    },
  }
}
