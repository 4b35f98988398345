import { afterAll, beforeAll, expect, test } from 'vitest'
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

test('the order of the words changes nothing about what is found', async () => {
  for (const prompt of ['comet dust', 'comet', 'comet', 'dust']) await add(prompt)
  const { id } = await add('Dust around a comet')
  const found = await Promise.all(['comet dust', 'dust comet', 'dust comet around', 'comet dust ice'].map(find))
  expect(found.map((each) => each.length)).toEqual([2, 2, 1, 0])
  expect(found.map(([newest]) => newest?.id)).toEqual([id, id, id, undefined])
})
