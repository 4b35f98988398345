import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { insideOf } from '../../../../core/platform.ts'
import { searchTerms } from '../../../../core/runs/search-terms.ts'
import { runs } from '../../../../core/store/schema.ts'
import { asSqlite, type SqliteDb } from '../../../../core/store/sqlite/open-sqlite.ts'
import { openHouse, type SmallHouse } from '../../../support/small-house.ts'

let house: SmallHouse
let read: SqliteDb
beforeAll(async () => {
  house = await openHouse()
  read = asSqlite(insideOf(house.platform).store).read
})
afterAll(() => house.close())

/** The steps of a plan, as SQLite words them. */
function stepsOf(statement: string): readonly string[] {
  const values = [...statement.matchAll(/\?/g)].map(() => 1)
  const steps = read.$client.prepare<number[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${statement}`)
  return steps.all(...values).map(({ detail }) => detail)
}

test('B5 a search walks the runs of its rarest word, newest first, and never all runs of the user', async () => {
  const scope = await house.user()
  const terms = searchTerms(insideOf(house.platform).keyring, scope.userId, 'comet dust tail')
  const preparing = vi.spyOn(read.$client, 'prepare')
  await scope.list(runs, { terms, limit: 10 })
  const statement = preparing.mock.calls.map(([source]) => source).find((source) => source.includes('order by'))
  preparing.mockRestore()
  expect(stepsOf(statement ?? '').map((step) => step.replace(/USING.*INDEX \w+ /, ''))).toEqual([
    'SEARCH run_terms (user_id=? AND term=?)',
    'SEARCH other_1 (user_id=? AND term=? AND run_id=?)',
    'SEARCH other_2 (user_id=? AND term=? AND run_id=?)',
    expect.stringMatching(/^SEARCH runs \((user_id=\? AND )?id=\?\)$/),
  ])
})

test('the figures of usage come from their index alone, however long the prompts are', () => {
  const [step] = stepsOf(
    `SELECT provider, model, sum(input_tokens), percentile(first_byte_at - created_at, 50)
     FROM runs WHERE user_id = ? AND created_at >= ? AND created_at < ? GROUP BY provider, model`,
  )
  expect(step).toContain('USING COVERING INDEX runs_usage')
})
