import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { knownModels, priceOf, resolveModel } from '../../../core/providers/models.ts'
import { providers } from '../../../core/providers/provider.ts'

describe('resolveModel', () => {
  test('finds every known model at its provider', () => {
    for (const [model, { provider }] of Object.entries(knownModels)) {
      expect(resolveModel(model)).toEqual({ provider, model })
    }
  })

  test.each([
    ['gpt-9-future', 'openai', 'gpt-9-future'],
    ['gpt-5.4-mini-2026-03-17', 'openai', 'gpt-5.4-mini-2026-03-17'],
    ['chatgpt-4o-latest', 'openai', 'chatgpt-4o-latest'],
    ['o5-pro', 'openai', 'o5-pro'],
    ['claude-opus-9', 'anthropic', 'claude-opus-9'],
    ['gpt-oss-20b', 'cerebras', 'gpt-oss-20b'],
    ['llama-4-scout', 'cerebras', 'llama-4-scout'],
    ['qwen-4', 'cerebras', 'qwen-4'],
    ['zai-glm-5', 'cerebras', 'zai-glm-5'],
    ['cerebras/llama-3.3-70b', 'cerebras', 'llama-3.3-70b'],
    ['openai/ft:gpt-4.1-mini:org::abc', 'openai', 'ft:gpt-4.1-mini:org::abc'],
    ['anthropic/gpt-4o', 'anthropic', 'gpt-4o'],
  ])('%s is at %s', (name, provider, model) => {
    expect(resolveModel(name)).toEqual({ provider, model })
  })

  test.each([
    '',
    'unknown',
    'o',
    'ocelot',
    'constructor',
    '__proto__',
    'toString',
    '/',
    '/gpt-5',
    'openai/',
    'mistral/large',
    'openai/openai/gpt-5',
    'openai/../x',
    'gpt-5 ',
    ' gpt-5',
    'gpt-5\n',
    'gpt-5\0',
    `gpt-${'5'.repeat(300)}`,
    'OpenAI/gpt-5',
  ])('%j is unknown', (name) => {
    expect(resolveModel(name)).toBeUndefined()
  })

  test('any text gives a provider of ours and a plain model name, or nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `openai/${text}`),
        ),
        (name) => {
          const found = resolveModel(name)
          if (found === undefined) return
          expect(providers).toContain(found.provider)
          expect(found.model).toMatch(/^[\w.:-]{1,200}$/)
        },
      ),
    )
  })
})

describe('priceOf', () => {
  test('prices are positive integers in micro-USD per million tokens, output no cheaper than input', () => {
    for (const { price } of Object.values(knownModels)) {
      if (price === null) continue
      expect(Number.isSafeInteger(price.input) && price.input > 0).toBe(true)
      expect(Number.isSafeInteger(price.output) && price.output >= price.input).toBe(true)
    }
    expect(priceOf('openai', 'gpt-4o-mini')).toEqual({ input: 150_000, output: 600_000 })
  })

  test('a dated snapshot costs what its model costs', () => {
    expect(priceOf('openai', 'gpt-4o-2024-11-20')).toEqual(priceOf('openai', 'gpt-4o'))
    expect(priceOf('anthropic', 'claude-haiku-4-5-20251001')).toEqual({ input: 1_000_000, output: 5_000_000 })
  })

  test('where no price is known there is none', () => {
    for (const [provider, model] of [
      ['openai', 'gpt-9-future'],
      ['anthropic', 'gpt-4o'],
      ['openai', 'constructor'],
      ['anthropic', 'claude-haiku-5-5'],
    ] as const) {
      expect(priceOf(provider, model)).toBeNull()
    }
  })
})
