import { priceOf } from '../providers/models.ts'
import type { Provider, Usage } from '../providers/provider.ts'

/** Prices are per million tokens. */
const million = 1_000_000

/**
 * What a run cost at list prices, in whole micro-USD (millionths of a dollar), rounded to the nearest; null where the
 * price of the model or a count is not known. An estimate: see core/providers/models.ts for what it leaves out.
 */
export function costOf(provider: Provider, model: string, { inputTokens, outputTokens }: Usage): number | null {
  const price = priceOf(provider, model)
  if (price === null || inputTokens === null || outputTokens === null) return null
  const cost = Math.round((inputTokens * price.input + outputTokens * price.output) / million)
  return Number.isSafeInteger(cost) ? cost : null
}
