import { expect, test } from 'vitest'
import { remember } from '../../../functions/web/remember.ts'

test('who comes while an answer is made waits for the same one; one that fails is made again', async () => {
  const made: PromiseWithResolvers<string>[] = []
  const answer = remember(
    () => 0,
    'text/plain',
    5,
    () => {
      const next = Promise.withResolvers<string>()
      made.push(next)
      return next.promise
    },
  )
  const failing = Promise.allSettled([answer({}), answer({})])
  made[0]?.reject(new Error('away'))
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const both = Promise.all([answer({}), answer({})])
  made[1]?.resolve('well')
  expect((await both).map(({ body }) => String(body))).toEqual(['well', 'well'])
  expect(made).toHaveLength(2)
})
