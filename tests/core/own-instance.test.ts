import { afterAll, expect, test } from 'vitest'
import { ownInstanceOf } from '../../core/own-instance.ts'
import { insideOf } from '../../core/platform.ts'
import { beat } from '../../core/store/instances.ts'
import { instances, keyVersions } from '../../core/store/schema.ts'
import { openHouse } from '../support/small-house.ts'

let now = 1
const house = await openHouse({ clock: () => now++ })
afterAll(() => house.close())

test('K5 a process has started before it looked which keys there are, however late it is first heard', async () => {
  const { store } = insideOf(house.platform)
  now += 1_000
  await beat(store, ownInstanceOf(house.platform), now)
  const [instance] = await store.read.select().from(instances)
  const [version] = await store.read.select().from(keyVersions)
  expect(instance?.startedAt).toBeLessThan(version?.createdAt ?? 0)
})
