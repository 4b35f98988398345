import cluster from 'node:cluster'
import { readConfig } from './host/read-config.ts'
import { runHost } from './host/run-host.ts'
import { runPrimary } from './workers/run-primary.ts'
import { sharedCallCounter } from './workers/shared-call-counter.ts'

/**
 * The whole API in one process, dispatched without another hop; or in as many as `OORT_WORKERS` says, which share the
 * port, the limits and the database.
 */
if (cluster.isWorker) {
  await runHost({ calls: sharedCallCounter(process) })
} else {
  const config = readConfig()
  await (config.workers > 1 ? runPrimary(config) : runHost())
}
