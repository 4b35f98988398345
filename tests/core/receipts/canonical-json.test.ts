import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../../core/receipts/canonical-json.ts'

test('members are sorted by their UTF-16 code units and nothing stands between', () => {
  // RFC 8785, section 3.2.3, without the values.
  const names = { '€': 1, '\r': 2, '\ufb33': 3, 1: 4, '😀': 5, '\u0080': 6, ö: 7 }
  expect(canonicalJson(names)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}')
  expect(canonicalJson({ b: { d: 'x\n"', c: 0 }, a: -1 })).toBe('{"a":-1,"b":{"c":0,"d":"x\\n\\""}}')
})

test('the order in which members were written makes no difference, and every text says what was meant', () => {
  const object = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), { noNullPrototype: true })
  fc.assert(
    fc.property(object, (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse())
      expect(canonicalJson(turned)).toBe(canonicalJson(value))
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('numbers and texts that have more than one form are refused', () => {
  for (const value of [1.5, Number.NaN, 2 ** 53, '\ud800']) expect(() => canonicalJson(value)).toThrow(RangeError)
})
