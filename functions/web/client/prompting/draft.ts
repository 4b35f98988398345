import { type Message, type Parameters, promptOf, type Question } from './question.ts'
import type { Model } from './run-record.ts'

/** What stands in the composer, as it was typed. */
export interface Draft {
  readonly models: readonly string[]
  readonly prompt: string
  readonly system: string
  /** The conversation that the prompt goes on with. */
  readonly earlier: readonly Message[]
  readonly maxTokens: string
  readonly temperature: string
  readonly topP: string
}

export const mostModels = 4

export function emptyDraft(models: readonly string[]): Draft {
  return { models, prompt: '', system: '', earlier: [], maxTokens: '', temperature: '', topP: '' }
}

export function draftOf(question: Question, models: readonly string[]): Draft {
  const { system, messages, parameters } = question
  const text = (value: number | undefined) => (value === undefined ? '' : String(value))
  return {
    models,
    prompt: promptOf(question),
    system: system ?? '',
    earlier: messages.slice(0, -1),
    maxTokens: text(parameters.maxTokens),
    temperature: text(parameters.temperature),
    topP: text(parameters.topP),
  }
}

export function questionIn({ prompt, system, earlier, maxTokens, temperature, topP }: Draft): Question {
  const parameters: Parameters = {
    ...(maxTokens === '' ? {} : { maxTokens: Number(maxTokens) }),
    ...(temperature === '' ? {} : { temperature: Number(temperature) }),
    ...(topP === '' ? {} : { topP: Number(topP) }),
  }
  return {
    system: system.trim() === '' ? undefined : system,
    messages: [...earlier, { role: 'user', content: prompt }],
    parameters,
  }
}

/** The models to ask: each once, without those whose name was not typed yet. */
export function modelsIn({ models }: Draft): readonly string[] {
  return [...new Set(models.map((name) => name.trim()).filter((name) => name !== ''))]
}

const memory = 'oort-models'

/** The models that were last asked are the ones to begin with. */
export function rememberModels(models: readonly string[]): void {
  localStorage.setItem(memory, JSON.stringify(models))
}

/** Those of them that the user's keys reach; for the first time, a model by which a try costs next to nothing. */
export function firstModels(models: readonly Model[]): readonly string[] {
  const last = JSON.parse(localStorage.getItem(memory) ?? '[]') as readonly string[]
  const kept = last.filter((name) => models.some(({ id, provider }) => name === id || name.startsWith(`${provider}/`)))
  if (kept.length > 0) return kept.slice(0, mostModels)
  const [first] = models
  const own = models.filter(({ provider }) => provider === first?.provider)
  const [cheapest] = own.toSorted((one, other) => priceOf(one) - priceOf(other))
  return cheapest === undefined ? [] : [cheapest.id]
}

function priceOf({ price }: Model): number {
  return price?.output ?? Number.MAX_SAFE_INTEGER
}
