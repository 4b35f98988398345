import { runHost } from './host/run-host.ts'

/** The whole API in one process, dispatched without another hop. */
await runHost()
