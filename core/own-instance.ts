import { hostname } from 'node:os'
import { perPlatform } from './per-platform.ts'
import type { Instance } from './store/instances.ts'

/** This process, as the others on the database know it. */
export const ownInstanceOf = perPlatform<Instance>(({ instanceId, startedAt }) => ({
  id: instanceId,
  host: hostname(),
  pid: process.pid,
  startedAt,
}))
