import type { ErrorCode } from '../../../../core/errors.ts'
import type { Provider } from '../../../../core/providers/provider.ts'
import type { RunState } from '../../../../core/runs/run-state.ts'

/** A run as the API tells of it. Times are milliseconds UTC, the cost is in micro-USD. */
export interface Run {
  readonly id: string
  readonly endpoint: 'runs' | 'chat.completions' | 'messages'
  readonly comparisonId: string | null
  readonly provider: Provider
  readonly model: string
  readonly state: RunState
  readonly providerKeyId: string
  readonly apiKeyId: string | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly usageEstimated: boolean
  readonly costMicroUsd: number | null
  readonly finishReason: string | null
  readonly errorCode: ErrorCode | null
  readonly createdAt: number
  readonly firstByteAt: number | null
  readonly finishedAt: number | null
}

export interface ListedRun extends Run {
  readonly excerpt: string | null
}

export interface RunDetail extends Run {
  readonly prompt: string
  readonly output: string | null
  readonly outputCut: boolean
}

export interface Model {
  readonly id: string
  readonly provider: Provider
  /** Micro-USD per million tokens. */
  readonly price: { readonly input: number; readonly output: number } | null
}

export const providerNames: Readonly<Record<Provider, string>> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  cerebras: 'Cerebras',
}

export const stateNames: Readonly<Record<RunState, string>> = {
  queued: 'Waiting',
  streaming: 'Answering',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Stopped',
  interrupted: 'Interrupted',
}

export const stateKinds = {
  queued: 'accent',
  streaming: 'accent',
  succeeded: 'success',
  failed: 'danger',
  cancelled: 'neutral',
  interrupted: 'warning',
} as const satisfies Record<RunState, string>

export function hasEnded({ state }: Pick<Run, 'state'>): boolean {
  return state !== 'queued' && state !== 'streaming'
}

/** The model by the name under which it can be asked for again, whoever's name it looks like. */
export function nameOf({ provider, model }: Pick<Run, 'provider' | 'model'>, models: readonly Model[]): string {
  return models.some(({ id, provider: its }) => id === model && its === provider) ? model : `${provider}/${model}`
}

/** Whether a run is of the model that was asked for by this name. */
export function isOf({ provider, model }: Pick<Run, 'provider' | 'model'>, name: string): boolean {
  return name === model || name === `${provider}/${model}`
}

/** The list entry that a name means, with or without its provider. */
export function modelNamed(name: string, models: readonly Model[]): Model | undefined {
  return models.find((model) => isOf({ provider: model.provider, model: model.id }, name))
}

/** The runs of a comparison begin in the same moment: their models put them in order. */
export function byModel(one: Pick<Run, 'model'>, other: Pick<Run, 'model'>): number {
  return one.model.localeCompare(other.model)
}
