import { beforeEach, expect, test } from 'vitest'
import { createRequestTime, type RequestTime } from '../../../core/telemetry/request-time.ts'

let now: number
let time: RequestTime
beforeEach(() => {
  now = 1_000
  time = createRequestTime(() => now)
})

/** What a request took in all, up to a provider's answer and up to its end. */
const taken = () => [time.total(), time.untilAnswered(), time.untilEnded()]

test('a provider’s time is told apart from ours, up to its first byte and to its last', () => {
  now += 10
  const asking = time.ask()
  now += 200
  asking.answered()
  now += 3_000
  expect(taken()).toEqual([3.21, 0.2, 3.2])
  asking.ended()
  now += 5
  expect(taken()).toEqual([3.215, 0.2, 3.2])
})

test('providers that are asked at once count once', () => {
  const first = time.ask()
  now += 100
  const second = time.ask()
  now += 100
  first.answered()
  first.ended()
  now += 100
  second.ended()
  second.ended()
  now += 1
  expect(taken()).toEqual([0.301, 0.3, 0.3])
})
