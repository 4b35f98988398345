import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renameModel } from '../../../core/providers/rename-model.ts'

const renamed = (json: string, model = 'new') => Buffer.from(renameModel(Buffer.from(json), model)).toString()

test('only the outermost model changes, every other byte stays', () => {
  expect(renamed('{ "a":{"model":"x"} ,\t"model" : "openai/x","b":[{"model":"y"}], "n":1.0e3}')).toBe(
    '{ "a":{"model":"x"} ,\t"model" : "new","b":[{"model":"y"}], "n":1.0e3}',
  )
  expect(renamed('{"x":"model","y":"model:","mod\\u0065l":"openai/\\"x","z":"☕"}')).toBe(
    '{"x":"model","y":"model:","mod\\u0065l":"new","z":"☕"}',
  )
  expect(renamed('{"x":["model","y"],"\\\\":"\\\\"}')).toBe('{"x":["model","y"],"\\\\":"\\\\"}')
})

test('any JSON object reads the same afterwards, but for its model', () => {
  const spaced = fc.tuple(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), fc.nat(4), fc.nat(10))
  fc.assert(
    fc.property(spaced, ([rest, indent, place]) => {
      const members = Object.entries(rest).filter(([key]) => key !== 'model' && key !== '__proto__')
      members.splice(place, 0, ['model', 'openai/"old"'])
      const text = JSON.stringify(Object.fromEntries(members), undefined, indent)
      // Compared with what the text says: JSON has no -0, for one.
      expect(JSON.parse(renamed(text))).toEqual({ ...JSON.parse(text), model: 'new' })
    }),
  )
})
