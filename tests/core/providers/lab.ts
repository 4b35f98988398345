import { adapterOf } from '../../../core/providers/adapters.ts'
import type { Prompt, Provider, UpstreamRequest } from '../../../core/providers/provider.ts'
import { createUpstream, type Upstream, type UpstreamOptions } from '../../../core/providers/upstream.ts'
import type { Behaviour } from '../../support/emulator/behaviours.ts'
import { type Emulator, startEmulator } from '../../support/emulator/emulator.ts'
import { demoKeys } from '../../support/emulator/keys.ts'

export const models: Readonly<Record<Provider, string>> = {
  openai: 'gpt-5.4',
  anthropic: 'claude-sonnet-5',
  cerebras: 'gpt-oss-120b',
}

export interface Lab extends AsyncDisposable {
  readonly emulator: Emulator
  readonly upstream: Upstream
  /** Every pause that was taken between two tries, instead of being waited for. */
  readonly pauses: number[]
}

/** The emulator and an upstream that points at it and does not wait between tries. */
export async function openLab(options: UpstreamOptions = {}): Promise<Lab> {
  const emulator = await startEmulator()
  const pauses: number[] = []
  const upstream = createUpstream(emulator.origins, {
    backoff: (retry) => retry,
    sleep: async (duration) => void pauses.push(duration),
    ...options,
  })
  return {
    emulator,
    upstream,
    pauses,
    async [Symbol.asyncDispose]() {
      await upstream.close()
      await emulator.close()
    },
  }
}

/** A run's request, to a model that makes the emulator behave in the given way. */
export function ask(
  provider: Provider,
  behaviour: Behaviour = 'answer',
  prompt: Partial<Prompt> = {},
): UpstreamRequest {
  const model = behaviour === 'answer' ? models[provider] : `emulator-${behaviour}`
  const messages = [{ role: 'user', content: 'tell me about the Oort cloud' }] as const
  return adapterOf(provider).promptRequest({ model, messages, stream: false, ...prompt }, demoKeys[provider])
}
