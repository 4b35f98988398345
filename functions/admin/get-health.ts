import * as z from 'zod'
import { type Health, readHealth } from '../../core/health/read-health.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'

/** Sizes are bytes, times milliseconds since the epoch. */
const health = z.object({
  version: z.string(),
  database: z.object({
    engine: z.enum(['sqlite', 'postgres']),
    bytes: z.int(),
    /** Null where it is the affair of a server. */
    walBytes: z.int().nullable(),
    /** Null where the disk is another host's. */
    diskFreeBytes: z.int().nullable(),
    /** Units of work that wait to be written by this process. */
    waiting: z.int(),
    /** Those of the writing side that safety rests on; null when it does not come to answer. */
    settings: z.record(z.string(), z.union([z.string(), z.int()])).nullable(),
  }),
  keyVersions: z
    .array(z.object({ version: z.int(), state: z.enum(['current', 'previous', 'unknown']), values: z.int() }))
    .readonly(),
  /** Processes that live. */
  instances: z.array(z.object({ id: idOf('instance'), host: z.string(), pid: z.int() })).readonly(),
  runsUnderWay: z.int(),
  lastCheckpoint: z.object({ n: z.int(), ts: z.int(), rows: z.int() }).nullable(),
  configured: z.object({ mail: z.boolean(), payments: z.boolean() }),
})

/** How the house is. Callers who ask at the same time share one look, since it takes a pass over the sealed tables. */
export function getHealth(platform: Platform): Operation {
  let looking: Promise<Health> | undefined
  return operation({
    method: 'GET',
    url: '/api/admin/health',
    access: 'admin',
    summary: 'How database, keys, processes and audit log are',
    schema: { response: { 200: health } },
    async handle({ scope }, reply) {
      looking ??= readHealth(platform, scope).finally(() => {
        looking = undefined
      })
      return reply(200, await looking)
    },
  })
}
