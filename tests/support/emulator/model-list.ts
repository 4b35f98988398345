import type { Provider } from '../../../core/providers/provider.ts'
import { created } from './wire.ts'

const ids: Readonly<Record<Provider, readonly string[]>> = {
  openai: ['gpt-5.4', 'gpt-5.4-mini', 'gpt-4.1-mini', 'gpt-4o-mini', 'o4-mini'],
  anthropic: ['claude-opus-5-5', 'claude-sonnet-5', 'claude-haiku-4-5'],
  cerebras: ['gpt-oss-120b', 'qwen-3.8-27b', 'llama-3.3-70b'],
}

const families: Readonly<Record<Provider, RegExp>> = {
  openai: /^(gpt-(?!oss)|chatgpt-|o\d|emulator-)/,
  anthropic: /^(claude-|emulator-)/,
  cerebras: /^(llama|qwen|gpt-oss|zai-glm|gemma|emulator-)/,
}

/** Any model of the provider's families, listed or not, save those that say they do not exist. */
export function isServed(provider: Provider, model: string): boolean {
  return families[provider].test(model) && !model.includes('nonexistent')
}

/** The body of GET /v1/models, in each provider's shape. */
export function modelList(provider: Provider): unknown {
  if (provider === 'anthropic') {
    const data = ids.anthropic.map((id) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: new Date(created * 1_000).toISOString(),
    }))
    return { data, has_more: false, first_id: ids.anthropic.at(0), last_id: ids.anthropic.at(-1) }
  }
  const owner = provider === 'openai' ? 'openai' : 'Cerebras'
  return { object: 'list', data: ids[provider].map((id) => ({ id, object: 'model', created, owned_by: owner })) }
}
