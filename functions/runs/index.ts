import { second } from '../../core/clock.ts'
import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { createUpstream, type UpstreamOptions } from '../../core/providers/upstream.ts'
import { createExecutor } from '../../core/runs/executor.ts'
import { liveRunsOf } from '../../core/runs/live-runs.ts'
import { createRun } from './create-run.ts'
import { getRun } from './get-run.ts'

export interface RunsOptions {
  readonly upstream?: UpstreamOptions
  /** How long runs under way may go on when the process stops. Milliseconds. */
  readonly patience?: number
}

/** Prompts that are run, and their history. */
export function runs(platform: Platform, options: RunsOptions = {}): Capability {
  const upstream = createUpstream(platform.config.providerOrigins, options.upstream)
  const executor = createExecutor(platform, upstream)
  return {
    name: 'runs',
    operations: [createRun(executor), getRun()],
    async stop() {
      await liveRunsOf(platform).stop(options.patience ?? 5 * second)
      await upstream.close()
    },
  }
}
