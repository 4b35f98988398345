import { type Provider, providers } from './provider.ts'

/** List prices in micro-USD (millionths of a dollar) per million tokens, which is also picodollars per token. */
export interface ModelPrice {
  readonly input: number
  readonly output: number
}

export interface KnownModel {
  readonly provider: Provider
  /** Null where the provider publishes none that we know of: the cost of a run is then unknown, never guessed. */
  readonly price: ModelPrice | null
}

/** US dollars per million tokens, as price lists print them, to integers. */
function usd(provider: Provider, input: number, output: number): KnownModel {
  return { provider, price: { input: Math.round(input * 1_000_000), output: Math.round(output * 1_000_000) } }
}

function unpriced(provider: Provider): KnownModel {
  return { provider, price: null }
}

/**
 * Well-known models and their standard list prices as of November 2026. Discounts (cache, batch) and surcharges
 * (long context, priority) are left out, so a cost computed from them is an estimate.
 * Sources: the providers' pricing pages.
 */
export const knownModels: Readonly<Record<string, KnownModel>> = {
  'gpt-6-astra': usd('openai', 10, 50),
  'gpt-6.1-sol': unpriced('openai'),
  'gpt-6.1-terra': unpriced('openai'),
  'gpt-6-sol': usd('openai', 2, 10),
  'gpt-6-luna': usd('openai', 0.1, 0.5),
  'gpt-5.6-sol': usd('openai', 4, 20),
  'gpt-5.6-terra': usd('openai', 2, 12),
  'gpt-5.6-luna': usd('openai', 0.2, 1.2),
  'gpt-5.5': usd('openai', 5, 30),
  'gpt-5.4': usd('openai', 2.5, 15),
  'gpt-5.4-mini': usd('openai', 0.75, 4.5),
  'gpt-5.4-nano': usd('openai', 0.2, 1.25),
  'gpt-5.2': usd('openai', 1.75, 14),
  'gpt-5.1': usd('openai', 1.25, 10),
  'gpt-5': usd('openai', 1.25, 10),
  'gpt-5-mini': usd('openai', 0.25, 2),
  'gpt-5-nano': usd('openai', 0.05, 0.4),
  'gpt-4.1': usd('openai', 2, 8),
  'gpt-4.1-mini': usd('openai', 0.4, 1.6),
  'gpt-4.1-nano': usd('openai', 0.1, 0.4),
  'gpt-4o': usd('openai', 2.5, 10),
  'gpt-4o-mini': usd('openai', 0.15, 0.6),
  'o4-mini': usd('openai', 1.1, 4.4),
  o3: usd('openai', 2, 8),
  'o3-mini': usd('openai', 1.1, 4.4),
  o1: usd('openai', 15, 60),

  'claude-fable-5-2': unpriced('anthropic'),
  'claude-fable-5-1': usd('anthropic', 10, 50),
  'claude-fable-5': usd('anthropic', 10, 50),
  'claude-opus-5-5': usd('anthropic', 4, 20),
  'claude-opus-5': usd('anthropic', 5, 25),
  'claude-opus-4-8': usd('anthropic', 5, 25),
  'claude-opus-4-7': usd('anthropic', 5, 25),
  'claude-opus-4-6': usd('anthropic', 5, 25),
  'claude-opus-4-5': usd('anthropic', 5, 25),
  'claude-sonnet-5-5': unpriced('anthropic'),
  'claude-sonnet-5': usd('anthropic', 2, 10),
  'claude-sonnet-4-6': usd('anthropic', 3, 15),
  'claude-sonnet-4-5': usd('anthropic', 3, 15),
  'claude-haiku-5-5': unpriced('anthropic'),
  'claude-haiku-4-5': usd('anthropic', 1, 5),

  'gpt-oss-120b': usd('cerebras', 0.35, 0.75),
  'qwen-3.8-27b': unpriced('cerebras'),
  'gemma-4-31b': usd('cerebras', 0.99, 1.49),
  'zai-glm-4.7': usd('cerebras', 2.25, 2.75),
  'llama3.1-8b': usd('cerebras', 0.1, 0.1),
  'llama-3.3-70b': usd('cerebras', 0.85, 1.2),
  'qwen-3-32b': usd('cerebras', 0.4, 0.8),
}

/** Whose names look like this. In order: `gpt-oss` models are OpenAI's weights on Cerebras' machines. */
const patterns: readonly (readonly [RegExp, Provider])[] = [
  [/^(gpt-oss|llama|qwen|zai-glm|gemma)/, 'cerebras'],
  [/^(gpt-|chatgpt-|o[0-9])/, 'openai'],
  [/^claude-/, 'anthropic'],
]

/** What the providers' model names are made of; OpenAI's fine-tuned ones have colons. */
const modelName = /^[A-Za-z0-9][\w.:-]{0,199}$/

function knownModel(name: string): KnownModel | undefined {
  return Object.hasOwn(knownModels, name) ? knownModels[name] : undefined
}

/** The price of a provider's model, dated snapshots included; null where it is not known. */
export function priceOf(provider: Provider, model: string): ModelPrice | null {
  const undated = model.replace(/-(\d{4}-\d{2}-\d{2}|\d{8})$/, '')
  const known = knownModel(model) ?? knownModel(undated)
  return known?.provider === provider ? known.price : null
}

/**
 * Finds the provider of a model by its name: a known model, `provider/model` (which reaches any model of the
 * provider), or a name of a provider's usual form. Undefined for anything else.
 */
export function resolveModel(name: string): { readonly provider: Provider; readonly model: string } | undefined {
  const slash = name.indexOf('/')
  if (slash !== -1) {
    const provider = providers.find((candidate) => candidate === name.slice(0, slash))
    const model = name.slice(slash + 1)
    return provider !== undefined && modelName.test(model) ? { provider, model } : undefined
  }
  if (!modelName.test(name)) return undefined
  const provider = knownModel(name)?.provider ?? patterns.find(([pattern]) => pattern.test(name))?.[1]
  return provider === undefined ? undefined : { provider, model: name }
}
