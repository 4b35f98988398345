import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import type { Traces } from './traces.ts'

/**
 * Sends traces to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names, and what is left of them once the last answer
 * is out. Nothing is loaded or measured where it is not set.
 */
export function sendTraces({ config, log, instanceId }: Platform): readonly Capability[] {
  const { traces: collector, publicUrl } = config
  if (collector === undefined) return []
  let traces: Traces | undefined
  return [
    {
      name: 'traces',
      operations: [],
      async start() {
        const { createTraces } = await import('./traces.ts')
        traces = createTraces({ ...collector, publicUrl, log, instanceId })
      },
      async stop() {
        await traces?.stop()
      },
    },
  ]
}
