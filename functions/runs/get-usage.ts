import * as z from 'zod'
import { day, minute } from '../../core/clock.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { providers } from '../../core/providers/provider.ts'
import { readUsage } from '../../core/runs/read-usage.ts'

const buckets = { hour: 60 * minute, day } as const
const longest = { hour: 14 * day, day: 366 * day } as const
const usual = { hour: day, day: 30 * day } as const
const count = z.int().nonnegative()
const milliseconds = z.number().nonnegative().nullable()
const model = { provider: z.enum(providers), model: z.string() }

const notAPeriod = new OortError('BODY_INVALID', {
  issues: [{ pointer: '/to', message: 'After `from`, by at most 14 days by the hour, 366 by the day' }],
})

/** What the user's own runs came to over time: counts, tokens, cost, and percentiles of latency by model. */
export function getUsage(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/runs/usage',
    access: 'runs:read',
    summary: 'Usage over time, by provider and model',
    schema: {
      query: z.strictObject({
        /** Milliseconds since the epoch: the first that counts, and the first that no longer does. 30 days unless told. */
        from: z.coerce.number().int().nonnegative().optional(),
        to: z.coerce.number().int().nonnegative().optional(),
        bucket: z.enum(['hour', 'day']).default('day'),
        /** Minutes that the caller's clock is ahead of UTC, so that days begin at their midnight. */
        offset: z.coerce.number().int().min(-840).max(840).default(0),
      }),
      response: {
        200: z.object({
          /** From when on runs were counted: later than asked for where there are more than 50,000. */
          from: z.int(),
          /** By start of the bucket, then model. The cost is in micro-USD. */
          series: z.array(
            z.object({
              at: z.int(),
              ...model,
              runs: count,
              succeeded: count,
              failed: count,
              inputTokens: count,
              outputTokens: count,
              costMicroUsd: count,
            }),
          ),
          /** Milliseconds to the first byte and to the end, over the whole period. */
          latency: z.array(
            z.object({
              ...model,
              runs: count,
              firstByteP50: milliseconds,
              firstByteP95: milliseconds,
              totalP50: milliseconds,
              totalP95: milliseconds,
            }),
          ),
        }),
      },
    },
    async handle({ scope, query: { bucket, offset, ...query } }, reply) {
      const to = query.to ?? platform.clock()
      const from = query.from ?? Math.max(0, to - usual[bucket])
      if (from >= to || to - from > longest[bucket]) throw notAPeriod
      const period = { from, to, bucket: buckets[bucket], offset: offset * minute }
      const { series, latency, from: since } = await readUsage(platform, scope, period)
      return reply(200, { from: since, series: [...series], latency: [...latency] })
    },
  })
}
