import { expect, test } from 'vitest'
import { renderAsvs } from '../asvs/asvs-table.ts'
import { requirements } from '../asvs/requirements.ts'
import { verdicts } from '../asvs/verdicts.ts'
import { readTests } from '../bars/read-tests.ts'
import { readSource } from '../support/source-graph.ts'

const named = Object.entries(verdicts).flatMap(([id, verdict]) =>
  'tests' in verdict ? verdict.tests.map((name) => [id, name] as const) : [],
)

test('V1 every requirement of the ASVS is held by tests, or says in a line why none does', () => {
  const ids = requirements.map(([id]) => id)
  expect(ids).toHaveLength(345)
  expect(Object.keys(verdicts).toSorted()).toEqual(ids.toSorted())
  for (const [id, verdict] of Object.entries(verdicts)) {
    expect([id, 'tests' in verdict !== 'note' in verdict]).toEqual([id, true])
    if ('note' in verdict) expect(verdict.note).toMatch(/^\S.+\.$/)
    else expect(verdict.tests.length).toBeGreaterThan(0)
  }
})

test('V1 every test that holds a requirement of the ASVS is there, by this name', async () => {
  const there = new Set((await readTests()).map(({ file, name }) => `${file.slice('tests/'.length)} › ${name}`))
  expect(named.length).toBeGreaterThan(100)
  expect(named.filter(([, name]) => !there.has(name))).toEqual([])
})

test('V1 tests/ASVS.md says the same: `npm run bars:table` writes it anew', async () => {
  expect(await readSource('tests/ASVS.md')).toBe(renderAsvs())
})
