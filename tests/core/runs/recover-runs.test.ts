import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { afterAll, expect, test } from 'vitest'
import { minute } from '../../../core/clock.ts'
import { type Id, newId, type ProviderKeyId, type RunId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { liveRunsOf } from '../../../core/runs/live-runs.ts'
import { recoverRuns } from '../../../core/runs/recover-runs.ts'
import type { RunState } from '../../../core/runs/run-state.ts'
import { instances, runs } from '../../../core/store/schema.ts'
import { startOort } from '../../support/oort.ts'
import { scopeOf, userByEmail } from '../../support/seed.ts'

const oort = await startOort()
afterAll(() => oort.close())
const { platform } = oort
const { store } = insideOf(platform)
const { email } = await oort.signedIn()
const scope = scopeOf(platform, await userByEmail(platform, email))
const self = { id: platform.instanceId, host: hostname(), pid: process.pid }

async function instance(host: string, pid: number, silentFor = 0): Promise<Id<'instance'>> {
  const id = newId('instance')
  const heartbeatAt = platform.clock() - silentFor
  await store.write(async (db) => {
    await db.insert(instances).values({ id, host, pid, startedAt: 0, heartbeatAt })
  })
  return id
}

async function run(instanceId: Id<'instance'>, state: RunState = 'streaming', id = newId('run')): Promise<RunId> {
  const providerKeyId = newId('providerKey') as ProviderKeyId
  const row = { endpoint: 'runs', provider: 'openai', model: 'gpt-5.4', state, providerKeyId, instanceId } as const
  await scope.write((tx) => tx.insert(runs, { ...row, prompt: 'x' }, { type: 'run.started', providerKeyId }, { id }))
  return id
}

test('R1 runs of dead instances are interrupted, those of live ones and those that have ended left alone', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  const gone = child.pid ?? 0
  const live = newId('run')
  const [entry] = liveRunsOf(platform).enter(scope.userId, [live])
  const cases: [string, Id<'instance'>, RunState, RunState][] = [
    ['silent for a minute', await instance('elsewhere', 1, minute), 'streaming', 'interrupted'],
    ['on our host, its process gone', await instance(hostname(), gone), 'streaming', 'interrupted'],
    ['our own pid, another instance', await instance(hostname(), process.pid), 'queued', 'interrupted'],
    ['not on the list', newId('instance'), 'streaming', 'interrupted'],
    ['ours, with nobody at work on it', self.id, 'streaming', 'interrupted'],
    ['alive elsewhere', await instance('elsewhere', 1, minute / 2), 'streaming', 'streaming'],
    ['alive on our host', await instance(hostname(), process.ppid), 'streaming', 'streaming'],
    ['ended', await instance('elsewhere', 1, minute), 'succeeded', 'succeeded'],
  ]
  const ids = await Promise.all(cases.map(([, owner, state]) => run(owner, state)))
  await run(self.id, 'streaming', live)

  expect(await recoverRuns(platform, self)).toBe(5)
  const states = await Promise.all(ids.map(async (id) => (await scope.find(runs, id)).state))
  expect(cases.map(([name], index) => [name, states[index]])).toEqual(cases.map(([name, , , state]) => [name, state]))
  expect((await scope.find(runs, live)).state).toBe('streaming')
  expect(await scope.audit({ action: 'run.finished', limit: 20 })).toHaveLength(5)
  expect(await recoverRuns(platform, self)).toBe(0)
  entry?.leave()
})

test('a process signs on when it starts and off when it ends', async () => {
  const second = await startOort()
  const parts = insideOf(second.platform)
  const listed = () => parts.store.read.select({ id: instances.id }).from(instances)
  expect(await listed()).toEqual([{ id: second.platform.instanceId }])
  await second.close()
})
