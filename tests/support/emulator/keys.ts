import type { Provider } from '../../../core/providers/provider.ts'

/** Keys that the emulator accepts, in each provider's shape. Worth nothing anywhere else. */
export const demoKeys: Readonly<Record<Provider, string>> = {
  openai: 'sk-proj-demo-0123456789abcdefghijklmnopqrstuvwxyzABCD',
  anthropic: 'sk-ant-api03-demo-0123456789abcdefghijklmnopqrstuvwxyzAA',
  cerebras: 'csk-demo0123456789abcdefghijklmnopqrstuvwxyzabcdefgh',
}

const prefixes: Readonly<Record<Provider, RegExp>> = {
  openai: /^sk-(?!ant-)/,
  anthropic: /^sk-ant-/,
  cerebras: /^csk-/,
}

/** A key is good when it has the provider's prefix and says that it is for a demo or a test. */
export function acceptsKey(provider: Provider, key: string | undefined): boolean {
  return key !== undefined && prefixes[provider].test(key) && /demo|test/i.test(key)
}
