import { expect, test } from 'vitest'
import { bars, measured, open } from '../bars/bars.ts'
import { renderBars, withoutOutcomes } from '../bars/bars-table.ts'
import { leadingIds, readTests, testsOf } from '../bars/read-tests.ts'
import { readSource } from '../support/source-graph.ts'

const tests = await readTests()
const ids = new Set(bars.map(({ id }) => id))

test('every bar is held by a test that is named after it, or by a benchmark, or says why it is open', () => {
  const held = new Set([...tests.flatMap((each) => each.ids), ...Object.keys(measured), ...Object.keys(open)])
  expect([...ids].filter((id) => !held.has(id))).toEqual([])
  for (const [id, reason] of Object.entries(open)) expect([ids.has(id), reason.length > 20]).toEqual([true, true])
})

test('no test is named after a bar that there is not', () => {
  const unknown = tests.filter((each) => each.ids.some((id) => !ids.has(id)))
  expect(unknown.map(({ name }) => name)).toEqual([])
})

test('every benchmark that holds a bar is there', async () => {
  for (const name of Object.values(measured)) expect(await readSource(`tests/bench/${name}.ts`)).not.toBe('')
})

test('tests/BARS.md lists the tests that there are: `npm run bars:table` writes it anew', async () => {
  const committed = withoutOutcomes(await readSource('tests/BARS.md'))
  expect(committed).toBe(withoutOutcomes(renderBars(tests, [], {})))
})

test('tests are read as they are written: in groups, from tables, under conditions and by a constant', () => {
  const source = `
    const name = 'K1 by a constant'
    test(name, { timeout: 1 }, () => {})
    describe.each([['test', 'no title']])('K2 %s of a group', () => {
      test.skipIf(true)('and its test', () => {})
      test.each(['x'])('K3 K4 \${1} %s', () => {})
    })
    test(\`K5 \${name} in a template\`, () => {})
    expect(/x/.test('no test')).toBe(true)`
  expect(testsOf('x.test.ts', source).map((each) => [each.name, each.ids])).toEqual([
    ['K1 by a constant', ['K1']],
    ['K2 %s of a group › and its test', ['K2']],
    ['K2 %s of a group › K3 K4 ${1} %s', ['K2', 'K3', 'K4']],
    ['K5 … in a template', ['K5']],
  ])
  expect(leadingIds('HTTP K1')).toEqual([])
})
