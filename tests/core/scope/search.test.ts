import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newId, type RunId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { searchTerms } from '../../../core/runs/search-terms.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { runs } from '../../../core/store/schema.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

let house: SmallHouse
let scope: UserScope
beforeAll(async () => {
  house = await openHouse()
  scope = await house.user()
})
afterAll(() => house.close())

function add(prompt: string): Promise<{ readonly id: RunId }> {
  const providerKeyId = newId('providerKey')
  const row = { endpoint: 'runs', provider: 'openai', model: 'm', state: 'succeeded', prompt } as const
  const rest = { providerKeyId, instanceId: newId('instance') }
  const event = { type: 'run.started', providerKeyId } as const
  return scope.write((tx) => tx.insert(runs, { ...row, ...rest }, event, { searchText: prompt }))
}

const find = (text: string) =>
  scope.list(runs, { terms: searchTerms(insideOf(house.platform).keyring, scope.userId, text), limit: 10 })

test('B5 a search walks the runs of its rarest word, newest first, and never all runs of the user', async () => {
  const { $client: client } = insideOf(house.platform).store.read
  const preparing = vi.spyOn(client, 'prepare')
  await find('comet dust tail')
  const statement = preparing.mock.calls.map(([source]) => source).find((source) => source.includes('order by'))
  preparing.mockRestore()
  const values = [...(statement ?? '').matchAll(/\?/g)].map(() => 1)
  const plan = client.prepare(`EXPLAIN QUERY PLAN ${statement}`).all(...values) as { readonly detail: string }[]
  expect(plan.map(({ detail }) => detail.replace(/USING.*INDEX \w+ /, ''))).toEqual([
    'SEARCH run_terms (user_id=? AND term=?)',
    'SEARCH other_1 (user_id=? AND term=? AND run_id=?)',
    'SEARCH other_2 (user_id=? AND term=? AND run_id=?)',
    expect.stringMatching(/^SEARCH runs \((user_id=\? AND )?id=\?\)$/),
  ])
})

test('the order of the words changes nothing about what is found', async () => {
  for (const prompt of ['comet dust', 'comet', 'comet', 'dust']) await add(prompt)
  const { id } = await add('Dust around a comet')
  const found = await Promise.all(['comet dust', 'dust comet', 'dust comet around', 'comet dust ice'].map(find))
  expect(found.map((each) => each.length)).toEqual([2, 2, 1, 0])
  expect(found.map(([newest]) => newest?.id)).toEqual([id, id, id, undefined])
})
