import { describe, expect, test } from 'vitest'
import { ConfigError, parseConfig } from '../../core/config.ts'

const strong = 'kR7#vQ2m!xZ9pL4wT6yB8nH3jD5fG1sA'
const other = 'Zp4&mW8q@cN2tV6xE9rJ3kY7uL5hS1dF'
const complete = {
  NODE_ENV: 'production',
  BYOK_MASTER_KEY: strong,
  SESSION_SECRET: other,
  OORT_PUBLIC_URL: 'https://oort.example',
}
const required = ['BYOK_MASTER_KEY', 'SESSION_SECRET'] as const
const optional = ['BYOK_MASTER_KEY_PREVIOUS', 'SESSION_SECRET_PREVIOUS'] as const

const weak = {
  short: 'kR7#vQ2m!xZ9pL4w',
  example: 'change-me-to-32-random-bytes-or-more',
  'repeated character': 'x'.repeat(64),
  'repeated pattern': 'kR7#vQ2m'.repeat(8),
}

describe('the configuration', () => {
  test('is read from a complete environment, frozen, with every secret as it was given', () => {
    const config = parseConfig(complete)
    expect(config.secrets).toEqual({
      byokMasterKey: strong,
      byokMasterKeyPrevious: undefined,
      session: other,
      sessionPrevious: undefined,
    })
    expect(config.publicUrl).toBe('https://oort.example')
    expect(Object.isFrozen(config)).toBe(true)
  })

  test('is that of production unless NODE_ENV says otherwise', () => {
    const { NODE_ENV: _, ...unsaid } = complete
    expect(parseConfig(unsaid).environment).toBe('production')
  })

  for (const environment of ['production', 'development', 'test']) {
    for (const name of required) {
      test.each([
        ['absent', undefined],
        ['empty', ''],
      ])(`K7 in ${environment} is refused with ${name} %s`, (_, value) => {
        const attempt = () => parseConfig({ ...complete, NODE_ENV: environment, [name]: value })
        expect(attempt).toThrow(ConfigError)
        expect(attempt).toThrow(new RegExp(`^${name} is not set$`))
      })
    }

    for (const name of [...required, ...optional]) {
      test.each(Object.entries(weak))(
        `K7 in ${environment} is refused with ${name} %s, and not told back`,
        (_, value) => {
          const attempt = () => parseConfig({ ...complete, NODE_ENV: environment, [name]: value })
          expect(attempt).toThrow(ConfigError)
          expect(attempt).toThrow(new RegExp(`^${name} (is|repeats) `))
          expect(attempt).not.toThrow(value)
        },
      )
    }
  }

  test('K7 names everything that is wrong at once', () => {
    expect(() => parseConfig({ NODE_ENV: 'production', OORT_PUBLIC_URL: 'http://oort.example' })).toThrow(
      /BYOK_MASTER_KEY is not set\nSESSION_SECRET is not set\nOORT_PUBLIC_URL must use https/,
    )
  })

  test('in production sends keys over https alone', () => {
    for (const name of ['OORT_OPENAI_URL', 'OORT_ANTHROPIC_URL', 'OORT_CEREBRAS_URL']) {
      const env = { ...complete, [name]: 'http://127.0.0.1:9000' }
      expect(() => parseConfig(env)).toThrow(new RegExp(`^${name} must use https in production$`))
      expect(() => parseConfig({ ...env, NODE_ENV: 'test' })).not.toThrow()
    }
  })
})
