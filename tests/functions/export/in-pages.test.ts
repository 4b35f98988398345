import { expect, test } from 'vitest'
import { inPages } from '../../../functions/export/sections/in-pages.ts'

/** Reads rows of this many bytes each, as many as there are, and notes what was asked for. */
function source(count: number, length: number) {
  const limits: number[] = []
  const read = async (limit: number, last: { at: number } | undefined) => {
    limits.push(limit)
    const from = (last?.at ?? -1) + 1
    const size = Math.max(0, Math.min(limit, count - from))
    return Array.from({ length: size }, (_, index) => ({ at: from + index, text: 'x'.repeat(length) }))
  }
  return { limits, read }
}

test.each([
  ['short rows come many to a page', 3_000, 10, 500],
  ['rows longer than a page come one to a page', 20, 300_000, 1],
])('%s, each row once and in order', async (_what, count, length, settled) => {
  const { limits, read } = source(count, length)
  const pages = await Array.fromAsync(inPages(read))
  const rows = Buffer.concat(pages.map(({ bytes }) => bytes))
  const places = rows
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { at: number }).at)
  expect(places).toEqual(Array.from({ length: count }, (_, at) => at))
  expect(pages.reduce((sum, page) => sum + page.rows, 0)).toBe(count)
  expect(limits.slice(1)).toEqual(limits.slice(1).map(() => settled))
})

test('a page is read when it is asked for, and not before', async () => {
  const { limits, read } = source(100, 10_000)
  const pages = inPages(read)
  expect(limits).toHaveLength(0)
  await pages.next()
  await pages.next()
  expect(limits).toHaveLength(2)
  await pages.return(undefined)
  expect(limits).toHaveLength(2)
})
