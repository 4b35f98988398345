import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { hour } from '../../../core/clock.ts'
import type { IncidentRecord } from '../../../core/incidents/read-incidents.ts'
import { insideOf } from '../../../core/platform.ts'
import { incidentUpdates } from '../../../core/store/schema.ts'
import type { Environment } from '../../support/process.ts'
import { openHouse } from '../../support/small-house.ts'
import { closedHouse, oort, oortJson } from './lab.ts'

// Many processes, one after the other.
vi.setConfig({ testTimeout: 120_000 })

const title = 'Runs with OpenAI fail'
const opening = ['--severity', 'SEV2', '--component', 'openai', 'api', '--title', title, '--text', 'We look into it.']

let folder: string
let env: Environment
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-incidents-'))
  ;({ env } = await closedHouse(folder))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const list = (...options: string[]) =>
  oortJson<{ incidents: IncidentRecord[] }>(env, 'incident', 'list', ...options).then(({ incidents }) => incidents)

test('an incident is opened, told of and closed from the console, as the console’s own doing', async () => {
  const opened = await oort(env, 'incident', 'open', ...opening)
  const [id = '', severity, state] = opened.stdout.split(/\s+/)
  expect([severity, state, opened.exitCode, opened.stderr]).toEqual(['SEV2', 'investigating', 0, ''])
  const updated = await oortJson<IncidentRecord>(
    env,
    ...['incident', 'update', id, '--state', 'monitoring', '--severity', 'SEV1', '--text', 'It is better.'],
  )
  expect(updated).toMatchObject({ id, title, components: ['openai', 'api'], severity: 'SEV1', state: 'monitoring' })
  expect(updated.updates).toHaveLength(2)
  expect(await list()).toEqual([updated])

  // What is over owes its post-mortem, and then nothing more.
  await oort(env, 'incident', 'close', id, '--text', 'It is over.')
  expect(await list()).toEqual([expect.objectContaining({ id, state: 'resolved' })])
  await oort(env, 'incident', 'close', id, '--text', 'Read why.', '--post-mortem', 'https://oort.example/why')
  expect([await list(), (await list('--all')).map((each) => each.id)]).toEqual([[], [id]])

  const { stdout } = await oort(env, 'audit', 'export', 'house')
  const chain = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const actions = ['incident.opened', ...Array(3).fill('incident.updated')]
  expect(chain.map(({ action, actorId, targetId }) => [action, actorId, targetId])).toEqual(
    actions.map((action) => [action, 'console', id]),
  )
  for (const typed of [title, 'look into', 'over']) expect(stdout).not.toContain(typed)
})

test('what is late is said, and by the exit code', async () => {
  const { id } = await oortJson<IncidentRecord>(env, 'incident', 'open', ...opening, '--since', '2026-11-24T03:00Z')
  // Nine hours ago, in effect.
  const house = await openHouse({ dataDir: folder, env })
  await insideOf(house.platform).store.write(async (db) => {
    await db
      .update(incidentUpdates)
      .set({ createdAt: Date.now() - 9 * hour })
      .where(eq(incidentUpdates.incidentId, id))
  })
  await house.close()
  const listed = await oort(env, 'incident', 'list')
  expect([listed.exitCode, listed.stdout]).toEqual([
    1,
    expect.stringMatching(new RegExp(`^${id} .*LATE: next notice due `)),
  ])
})

test.each([
  [['open', ...opening, '--since', '2026-11-24T03:00'], /zone/],
  [['open', ...opening.slice(2)], /--severity/],
  [['open', ...opening, '--component', 'moon'], /moon/],
  [['open', ...opening.slice(0, -1), 'the key sk-proj-0123456789abcdefghij leaked'], /text: This looks like a key/],
  [['update', 'inc_1', '--state', 'monitoring', '--text', 'x'], /incident list/],
  [
    ['close', 'inc_01a20eb0-f2aa-7523-accf-5b0a1c3ff925', '--text', 'x', '--post-mortem', 'http://oort.example'],
    /postMortemUrl/,
  ],
] as const)('wrong usage is told with 64, and no database touched: %j', async (args, reason) => {
  // There is none in this environment: what is told comes before it is looked for.
  const { exitCode, stderr } = await oort({}, 'incident', ...args)
  expect([exitCode, stderr]).toEqual([64, expect.stringMatching(reason)])
})

test('an incident that is not there, or cannot go there, is told with 1', async () => {
  const absent = 'inc_01a20eb0-f2aa-7523-accf-5b0a1c3ff925'
  const { exitCode, stderr } = await oort(env, 'incident', 'close', absent, '--text', 'x')
  expect([exitCode, stderr]).toEqual([1, 'There is no such record\n'])
})
