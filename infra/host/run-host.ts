import type { FastifyInstance } from 'fastify'
import { parseConfig } from '../../core/config.ts'
import { createApp } from '../../core/http/app.ts'
import type { CallCounter } from '../../core/http/call-counter.ts'
import { createPlatform } from '../../core/platform.ts'
import { type CapabilityName, loadCapabilities } from '../capabilities.ts'
import { serveMetrics } from '../metrics/serve-metrics.ts'
import { sendTraces } from '../traces/send-traces.ts'
import { drainOnSignal } from './drain-on-signal.ts'
import { endOnCrash } from './end-on-crash.ts'
import { explainFailure } from './explain-failure.ts'
import { loadSettings } from './load-settings.ts'
import { probing } from './probing.ts'

export interface HostOptions {
  /** All of them unless told. */
  readonly names?: readonly CapabilityName[]
  /** Keeps count together with others. */
  readonly calls?: CallCounter
}

/**
 * Hosts the named capabilities, or all, until a signal comes; beside `web`, which tells how Oort is, the probes too. A
 * start that fails says why on standard error and exits with 78 where the configuration is at fault, with 1 otherwise.
 */
export async function runHost({ names, ...options }: HostOptions = {}): Promise<void> {
  try {
    loadSettings()
    const config = parseConfig(process.env)
    const platform = await createPlatform(config, options)
    endOnCrash(platform)
    const capabilities = loadCapabilities(platform, names)
    const probes = names === undefined || names.includes('web') ? [probing(platform, () => app.server.address())] : []
    const watching = [...serveMetrics(platform), ...sendTraces(platform)]
    const app: FastifyInstance = await createApp(platform, [...capabilities, ...probes, ...watching])
    drainOnSignal(app)
    await app.listen(config.listen)
  } catch (error) {
    const { message, exitCode } = explainFailure(error)
    process.stderr.write(`${message}\n`)
    // Open handles, such as timers of a capability that had started, must not keep a failed start alive.
    process.exit(exitCode)
  }
}
