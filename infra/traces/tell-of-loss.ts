import type { SpanExporter } from '@opentelemetry/sdk-trace'
import type { Log } from '../../core/log.ts'

/** An exporter that tells the log when spans are lost: once, until some come through again. */
export function tellOfLoss(exporter: SpanExporter, log: Pick<Log, 'info' | 'warn'>): SpanExporter {
  let losing = false
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const lost = result.error !== undefined
        if (lost && !losing) log.warn('the collector does not take our traces, which are lost')
        if (!lost && losing) log.info('the collector takes our traces again')
        losing = lost
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}
