import * as z from 'zod'
import { catalogue, type ErrorCode } from '../../core/errors.ts'
import { idOf } from '../../core/ids.ts'
import { providers } from '../../core/providers/provider.ts'
import type { Run } from '../../core/runs/run-order.ts'
import { runStates } from '../../core/runs/run-state.ts'

const count = z.int().nonnegative().nullable()
const time = z.int().nullable()
const errorCode = z.enum(Object.keys(catalogue) as [ErrorCode, ...ErrorCode[]])

/** A run without what was said in it. Times are milliseconds since the epoch, the cost is in micro-USD. */
export const runSummary = z.object({
  id: idOf('run'),
  endpoint: z.enum(['runs', 'chat.completions', 'messages']),
  comparisonId: idOf('comparison').nullable(),
  provider: z.enum(providers),
  model: z.string(),
  state: z.enum(runStates),
  /** The key that paid. */
  providerKeyId: idOf('providerKey'),
  /** The API key that asked; null for a signed-in browser. */
  apiKeyId: idOf('apiKey').nullable(),
  inputTokens: count,
  outputTokens: count,
  /** The provider's own count did not arrive: at least one figure is an estimate. */
  usageEstimated: z.boolean(),
  costMicroUsd: count,
  finishReason: z.string().nullable(),
  errorCode: errorCode.nullable(),
  createdAt: z.int(),
  firstByteAt: time,
  finishedAt: time,
})

export type RunSummary = z.output<typeof runSummary>

export function summaryOf(all: Run): RunSummary {
  const { userId: _, instanceId: __, cancelRequestedAt: ___, errorCode: code, ...run } = all
  return { ...run, errorCode: code as ErrorCode | null }
}
