import cluster from 'node:cluster'
import { readConfig } from './host/read-config.ts'
import { runHost } from './host/run-host.ts'
import { runPrimary } from './workers/run-primary.ts'
import { sharedCallCounter } from './workers/shared-call-counter.ts'

/**
 * The whole API in one process, dispatched without another hop; or in as many as `OORT_WORKERS` says, which share the
 * port, the limits and the database.
 */
async function route(): Promise<void> {
  if (cluster.isWorker) return await runHost({ calls: sharedCallCounter(process) })
  const config = readConfig()
  await (config.workers > 1 ? runPrimary(config) : runHost())
}

// Not awaited: the bundle is a script, which V8 can keep compiled, and no module.
void route()
