import { afterAll, expect, test } from 'vitest'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { idRanges, isWithin } from '../../../core/store/id-ranges.ts'
import { instances } from '../../../core/store/schema.ts'
import { openHouse } from '../../support/small-house.ts'

const house = await openHouse()
afterAll(() => house.close())
const { store } = insideOf(house.platform)

async function portions(): Promise<readonly (readonly string[])[]> {
  const found: string[][] = []
  for await (const range of idRanges(store.read, { table: instances, id: instances.id })) {
    const rows = await store.read.select({ id: instances.id }).from(instances).where(isWithin(instances.id, range))
    found.push(rows.map(({ id }) => id))
  }
  return found
}

test.each([0, 1, 2_000, 4_001])('%i rows are each in one of the portions, none of which is large', async (count) => {
  const row = () => ({ id: newId('instance'), host: 'here', pid: 1, startedAt: 0, heartbeatAt: 0 })
  const rows = Array.from({ length: count }, row)
  await store.write(async (db) => {
    await db.delete(instances)
    for (let at = 0; at < count; at += 500) await db.insert(instances).values(rows.slice(at, at + 500))
  })
  const found = await portions()
  expect(found.flat().sort()).toEqual(rows.map(({ id }) => id).sort())
  expect(Math.max(...found.map(({ length }) => length))).toBeLessThanOrEqual(2_000)
})
