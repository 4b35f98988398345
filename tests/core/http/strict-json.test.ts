import fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultOfJson } from '../../../core/http/strict-json.ts'

test('finds no fault with what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      expect(faultOfJson(JSON.stringify(value, undefined, space))).toBeUndefined()
    }),
    { numRuns: 500 },
  )
})

test('finds every repeated key, wherever it stands and however it is spelt', () => {
  const escaped = (key: string) =>
    `"${[...Array(key.length).keys()].map((at) => `\\u${key.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
  fc.assert(
    fc.property(
      fc.string(),
      fc.jsonValue({ maxDepth: 2 }),
      fc.boolean(),
      fc.nat({ max: 20 }),
      (key, value, plain, depth) => {
        const text = JSON.stringify(value)
        const twice = `{${JSON.stringify(key)}:${text} , ${plain ? JSON.stringify(key) : escaped(key)}\n:${text}}`
        expect(faultOfJson('[0,'.repeat(depth) + twice + ']'.repeat(depth))).toBe('A key is repeated.')
      },
    ),
    { numRuns: 500 },
  )
})

test('takes the same name in another object, and as a value', () => {
  expect(faultOfJson('[{"a":{"a":"a"}},{"a":["a","a"]}]')).toBeUndefined()
  expect(faultOfJson('{"a\\"b":1,"a\\\\":2,"a":"{\\"a\\":1,\\"a\\":2}"}')).toBeUndefined()
})

test('refuses nesting from 257 on', () => {
  expect(faultOfJson('['.repeat(256) + ']'.repeat(256))).toBeUndefined()
  expect(faultOfJson('['.repeat(257) + ']'.repeat(257))).toMatch(/nesting/)
  expect(faultOfJson('[]'.repeat(1_000))).toBeUndefined()
})

test('walks 8 MB in well under a second', () => {
  const text = JSON.stringify({ messages: Array.from({ length: 1_000 }, () => ({ content: '"\\x '.repeat(2_000) })) })
  expect(text.length).toBeGreaterThan(8_000_000)
  const begun = performance.now()
  expect(faultOfJson(text)).toBeUndefined()
  expect(performance.now() - begun).toBeLessThan(1_000)
})
