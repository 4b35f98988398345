import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyChains } from '../../../core/audit/verify-chain.ts'
import { insideOf } from '../../../core/platform.ts'
import { createUserScope, type ScopeParts } from '../../../core/scope/user-scope.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

let house: SmallHouse
beforeEach(async () => {
  house = await openHouse()
})
afterEach(() => house.close())

const refused = { type: 'session.refused', reason: 'password' } as const

function intact({ store, keyring }: ScopeParts) {
  return verifyChains(store.read, keyring)
}

test('an entry whose unit was rolled back is not what the next one follows', async () => {
  const scope = await house.user()
  await scope.write((tx) => tx.record(refused))
  const failing = scope.write(async (tx) => {
    await tx.record(refused)
    throw new Error('undone')
  })
  await expect(failing).rejects.toThrow('undone')
  await scope.write((tx) => tx.record(refused))
  expect((await scope.chain({ after: 0, limit: 10 })).map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(await intact(insideOf(house.platform))).toMatchObject({ intact: true })
})

test('entries of two processes follow each other, whoever wrote last', async () => {
  const other = await openHouse({ dataDir: house.dataDir, env: house.env })
  try {
    const scope = await house.user()
    const beside = createUserScope(insideOf(other.platform), scope.userId, scope.actor)
    for (const writer of [scope, beside, beside, scope, beside, scope]) await writer.write((tx) => tx.record(refused))
    expect(await scope.chain({ after: 0, limit: 10 })).toHaveLength(7)
    expect(await intact(insideOf(house.platform))).toMatchObject({ intact: true })
  } finally {
    await other.close()
  }
})
