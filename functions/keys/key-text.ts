import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { adapterOf } from '../../core/providers/adapters.ts'
import { type Provider, providers } from '../../core/providers/provider.ts'

/** A key as people paste it: white space around it is removed, nothing else is changed. */
export const keyText = z.string().max(2_000).trim()

const shapes: Readonly<Record<Provider, string>> = {
  openai: 'An OpenAI key begins with "sk-"',
  anthropic: 'An Anthropic key begins with "sk-ant-"',
  cerebras: 'A Cerebras key begins with "csk-"',
}

/** Throws PROVIDER_UNKNOWN. The text is not repeated: it could be a key in the wrong field. */
export function readProvider(text: string): Provider {
  const provider = providers.find((candidate) => candidate === text)
  if (provider === undefined) {
    throw new OortError('PROVIDER_UNKNOWN', { detail: `The providers are ${providers.join(', ')}.` })
  }
  return provider
}

/** Throws PROVIDER_KEY_MALFORMED for a text that cannot be a key of the provider. */
export function readKey(provider: Provider, text: string): string {
  if (adapterOf(provider).isPlausibleKey(text)) return text
  const other = providers.find((candidate) => adapterOf(candidate).isPlausibleKey(text))
  const hint = other === undefined ? '' : ` This looks like a key of ${other}.`
  throw new OortError('PROVIDER_KEY_MALFORMED', {
    detail: `${shapes[provider]}; letters, digits, "-" and "_" follow, 20 to 500 of them.${hint}`,
  })
}
