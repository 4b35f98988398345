import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createKeptText, isCut, maxKeptLength } from '../../../core/runs/kept-text.ts'
import { costOf } from '../../../core/runs/pricing.ts'
import { createTally } from '../../../core/runs/tally.ts'

describe('usage', () => {
  const text = (value: string) => ({ type: 'text', text: value }) as const
  const usage = (inputTokens: number | null, outputTokens: number | null) =>
    ({ type: 'usage', usage: { inputTokens, outputTokens } }) as const

  test("is the provider's own count when the answer is whole", () => {
    const tally = createTally(400)
    tally.begin()
    tally.take([text('hello'), usage(7, 3), { type: 'finish', reason: 'stop' }, { type: 'done' }])
    expect(tally.account()).toEqual({
      output: 'hello',
      usage: { inputTokens: 7, outputTokens: 3 },
      usageEstimated: false,
      finishReason: 'stop',
    })
  })

  test('is estimated at four bytes a token where no count arrived, and says so', () => {
    const tally = createTally(401)
    tally.begin()
    tally.take([text('äöüß'), text('x'), { type: 'done' }])
    expect(tally.account()).toMatchObject({ usage: { inputTokens: 101, outputTokens: 3 }, usageEstimated: true })
  })

  test('takes the greater of a count that came before the end and the estimate', () => {
    for (const [told, expected] of [
      [1, 25],
      [40, 40],
    ] as const) {
      const tally = createTally(4)
      tally.begin()
      tally.take([usage(9, told), text('x'.repeat(100))])
      expect(tally.account()).toMatchObject({ usage: { inputTokens: 9, outputTokens: expected }, usageEstimated: true })
    }
  })

  test('of a run that was never answered is unknown, not estimated', () => {
    expect(createTally(4).account()).toEqual({
      output: null,
      usage: { inputTokens: null, outputTokens: null },
      usageEstimated: false,
      finishReason: null,
    })
  })
})

describe('D3 why an answer ended', () => {
  const reasonFor = (reason: string): string | null => {
    const tally = createTally(4)
    tally.takeWhole({ text: '', usage: { inputTokens: 1, outputTokens: 1 }, finishReason: reason, model: null })
    return tally.account().finishReason
  }

  test('is kept in the words that the providers have, and in no other', () => {
    for (const known of ['stop', 'tool_calls', 'end_turn', 'model_context_window_exceeded']) {
      expect(reasonFor(known)).toBe(known)
    }
    for (const other of ['sk-proj-4f1bZq8Wn0TtYc2LkEo7', 'Dear Theodora', '']) expect(reasonFor(other)).toBeNull()
  })
})

describe('the output that is kept', () => {
  test('is what was added, however it was cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 2_000 }), (pieces) => {
        const kept = createKeptText()
        for (const piece of pieces) kept.add(piece)
        const whole = pieces.join('')
        return kept.text() === whole && kept.byteLength === Buffer.byteLength(whole) && !isCut(kept.text())
      }),
      { numRuns: 50 },
    )
  })

  test('is bounded, stays well-formed and tells that it was cut', () => {
    for (const piece of ['x'.repeat(1_000), '😀'.repeat(500), `${'😀'.repeat(499)}x`]) {
      const kept = createKeptText()
      for (let length = 0; length < maxKeptLength + 10_000; length += piece.length) kept.add(piece)
      const text = kept.text()
      expect([text.length, text.isWellFormed(), isCut(text), text.endsWith('…')]).toEqual([
        maxKeptLength,
        true,
        true,
        true,
      ])
      expect(kept.byteLength).toBeGreaterThan(maxKeptLength)
    }
  })

  test('of exactly the bound is cut, of one less it is whole', () => {
    for (const [length, cut] of [
      [maxKeptLength - 1, false],
      [maxKeptLength, true],
    ] as const) {
      const kept = createKeptText()
      kept.add('x'.repeat(length))
      expect(isCut(kept.text())).toBe(cut)
    }
  })
})

test('the cost is in whole micro-USD, and unknown where the price or a count is', () => {
  expect(costOf('openai', 'gpt-5.4', { inputTokens: 1_000_000, outputTokens: 1_000_000 })).toBe(17_500_000)
  expect(costOf('openai', 'gpt-5.4-2026-03-05', { inputTokens: 2, outputTokens: 4 })).toBe(65)
  expect(costOf('anthropic', 'claude-sonnet-5', { inputTokens: 1, outputTokens: 0 })).toBe(2)
  expect(costOf('openai', 'gpt-5-nano', { inputTokens: 1, outputTokens: 1 })).toBe(0)
  expect(costOf('openai', 'gpt-6.1-sol', { inputTokens: 1, outputTokens: 1 })).toBeNull()
  expect(costOf('openai', 'ft:gpt-5:acme', { inputTokens: 1, outputTokens: 1 })).toBeNull()
  expect(costOf('anthropic', 'gpt-5.4', { inputTokens: 1, outputTokens: 1 })).toBeNull()
  expect(costOf('openai', 'gpt-5.4', { inputTokens: null, outputTokens: 1 })).toBeNull()
})
