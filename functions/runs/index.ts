import { second } from '../../core/clock.ts'
import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { createUpstream, type UpstreamOptions } from '../../core/providers/upstream.ts'
import { createExecutor } from '../../core/runs/executor.ts'
import { liveRunsOf } from '../../core/runs/live-runs.ts'
import { cancelRun } from './cancel-run.ts'
import { compareRuns } from './compare-runs.ts'
import { createRun } from './create-run.ts'
import { deleteRun } from './delete-run.ts'
import { followRun } from './follow-run.ts'
import { forwardRequest } from './forward-request.ts'
import { getRun } from './get-run.ts'
import { getUsage } from './get-usage.ts'
import { listModels } from './list-models.ts'
import { listModelsForClients } from './list-models-for-clients.ts'
import { listRuns } from './list-runs.ts'

export interface RunsOptions {
  readonly upstream?: UpstreamOptions
  /** How long runs under way may go on when the process stops. Milliseconds. */
  readonly patience?: number
}

/** Ends before a host gives up its connections (infra/host/drain-on-signal.ts), so that who is cut off is told so. */
const standardPatience = 20 * second

/** Prompts that are run, and their history. */
export function runs(platform: Platform, options: RunsOptions = {}): Capability {
  const upstream = createUpstream(platform.config.providerOrigins, options.upstream)
  const executor = createExecutor(platform, upstream)
  return {
    name: 'runs',
    operations: [
      createRun(platform, executor),
      compareRuns(platform, executor),
      listRuns(platform),
      getUsage(platform),
      getRun(),
      followRun(platform),
      cancelRun(platform),
      deleteRun(platform),
      listModels(),
      forwardRequest(executor, {
        url: '/v1/chat/completions',
        endpoint: 'chat.completions',
        summary: "Chat completions in OpenAI's format, of any provider",
      }),
      forwardRequest(executor, {
        url: '/v1/messages',
        endpoint: 'messages',
        summary: "Messages in Anthropic's format",
      }),
      listModelsForClients(),
    ],
    drain: () => liveRunsOf(platform).stop(options.patience ?? standardPatience),
    stop: () => upstream.close(),
  }
}
