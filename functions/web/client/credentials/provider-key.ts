import type { Provider } from '../../../../core/providers/provider.ts'

/** A provider key as `GET /api/keys` answers it; the key itself is never among it. Times are milliseconds UTC. */
export interface ProviderKey {
  readonly id: string
  readonly provider: Provider
  readonly label: string
  readonly lastFour: string
  readonly fingerprint: string
  /** When the provider last accepted the key; null before that, and after it refused the key. */
  readonly verifiedAt: number | null
  readonly lastUsedAt: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

export const providerNames: Readonly<Record<Provider, string>> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  cerebras: 'Cerebras',
}

/** Where each provider lists one's keys. */
export const consoles: Readonly<Record<Provider, string>> = {
  openai: 'https://platform.openai.com/api-keys',
  anthropic: 'https://console.anthropic.com/settings/keys',
  cerebras: 'https://cloud.cerebras.ai/platform',
}

/** What a person calls a key: one without a name goes by its provider's. */
export function nameOf({ label, provider }: ProviderKey): string {
  return label === provider ? providerNames[provider] : label
}
