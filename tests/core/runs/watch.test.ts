import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { minute, second } from '../../../core/clock.ts'
import { type Id, newId, type ProviderKeyId, type RunId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { createWatch } from '../../../core/runs/watch.ts'
import { forget } from '../../../core/store/instances.ts'
import { instances, runs } from '../../../core/store/schema.ts'
import { openHouse } from '../../support/small-house.ts'

const house = await openHouse()
afterAll(() => house.close())
const { platform } = house
const { store } = insideOf(platform)
const scope = await house.user()

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** A run of an instance on another host that was not heard for a minute. */
async function runOfSilent(): Promise<RunId> {
  const instanceId: Id<'instance'> = newId('instance')
  await store.write(async (db) => {
    const heartbeatAt = platform.clock() - minute
    await db.insert(instances).values({ id: instanceId, host: 'elsewhere', pid: 1, startedAt: 0, heartbeatAt })
  })
  const providerKeyId = newId('providerKey') as ProviderKeyId
  const row = { endpoint: 'runs', provider: 'openai', model: 'gpt-5.4', state: 'streaming' } as const
  const event = { type: 'run.started', providerKeyId } as const
  const { id } = await scope.write((tx) => tx.insert(runs, { ...row, prompt: 'x', providerKeyId, instanceId }, event))
  return id
}

const stateOf = async (id: RunId) => (await scope.find(runs, id)).state
/** Far enough for the rounds within it to have done their work. */
const pass = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms)
  await store.write(async () => undefined)
  await new Promise((resolve) => setTimeout(resolve, 50))
}

test('R1 the runs of an instance that is silent are interrupted by one that was heard itself all the while', async () => {
  const run = await runOfSilent()
  const watch = createWatch(platform)
  await watch.start()
  expect(await stateOf(run)).toBe('streaming')
  await pass(30 * second)
  await expect.poll(() => stateOf(run)).toBe('interrupted')
  await watch.stop()
})

test('R1 after the database was away nobody takes the others for dead until they could be heard again', async () => {
  const watch = createWatch(platform)
  await watch.start()
  await pass(15 * second)
  const run = await runOfSilent()
  const away = vi.spyOn(store, 'write').mockRejectedValueOnce(new Error('away'))
  await pass(5 * second)
  expect(away).toHaveBeenCalled()
  away.mockRestore()
  // The round comes at 30 seconds, ten after the beat that failed: the others may be about to beat.
  await pass(10 * second)
  expect(await stateOf(run)).toBe('streaming')
  await pass(30 * second)
  await expect.poll(() => stateOf(run)).toBe('interrupted')
  await watch.stop()
})

test('K5 a process that was taken for dead and is heard again has started when it did, not when it was heard', async () => {
  const watch = createWatch(platform)
  const begun = platform.clock()
  await watch.start()
  await forget(store, [platform.instanceId])
  await expect.poll(() => platform.clock()).toBeGreaterThan(begun)
  await pass(10 * second)
  const known = async () => (await store.read.select().from(instances)).find(({ id }) => id === platform.instanceId)
  await expect.poll(known).toBeDefined()
  expect((await known())?.startedAt).toBeLessThanOrEqual(begun)
  await watch.stop()
})
