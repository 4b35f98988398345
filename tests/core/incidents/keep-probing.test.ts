import { afterEach, describe, expect, test } from 'vitest'
import { day, minute, second } from '../../../core/clock.ts'
import { createProber } from '../../../core/incidents/probes/keep-probing.ts'
import type { Probe } from '../../../core/incidents/probes/probe.ts'
import { createStatusReader } from '../../../core/incidents/read-status.ts'
import type { Component, ComponentState } from '../../../core/incidents/terms.ts'
import { insideOf } from '../../../core/platform.ts'
import { probeDays } from '../../../core/store/schema.ts'
import { refusing } from '../../support/behind-the-store.ts'
import { type Lab, openLab } from './lab.ts'

const labs: Lab[] = []
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

async function newLab(...given: Parameters<typeof openLab>): Promise<Lab> {
  const lab = await openLab(...given)
  labs.push(lab)
  return lab
}

/** A component that is as the test says, and how often it was looked at. */
function scripted(component: Component) {
  const self = {
    component,
    state: 'operational' as ComponentState | Error,
    looks: 0,
    async look(): Promise<ComponentState> {
      self.looks += 1
      if (self.state instanceof Error) throw self.state
      return self.state
    },
  }
  return self satisfies Probe
}

const rows = ({ platform }: Lab) =>
  insideOf(platform).store.read.select().from(probeDays).orderBy(probeDays.component, probeDays.day)

async function openaiOf(lab: Lab) {
  const { components } = await createStatusReader(lab.platform)()
  const found = components.find(({ name }) => name === 'openai')
  if (found === undefined) throw new RangeError('no such component')
  return found
}

test('what the probes find is counted by day, and of which state the newest is, and since when', async () => {
  const lab = await newLab({}, Date.UTC(2026, 10, 24, 23, 56, 30))
  const openai = scripted('openai')
  const prober = createProber(lab.platform, [openai])
  const found: [ComponentState | Error, number][] = []
  for (const state of ['operational', 'failed', new Error('no'), 'degraded', 'degraded', 'degraded'] as const) {
    openai.state = state
    await prober.round()
    found.push([state, lab.now()])
    lab.pass(minute)
  }
  const [, , , [, degradedAt]] = found as [unknown, unknown, unknown, [unknown, number]]
  const facts = { component: 'openai', since: degradedAt, lastState: 'degraded' }
  expect(await rows(lab)).toEqual([
    { ...facts, day: '2026-11-24', operational: 1, failed: 2, degraded: 1, lastProbeAt: degradedAt },
    { ...facts, day: '2026-11-25', operational: 0, failed: 0, degraded: 2, lastProbeAt: degradedAt + 2 * minute },
  ])
})

describe('no component is looked at more than once a minute', () => {
  test('by one process', async () => {
    const lab = await newLab()
    const openai = scripted('openai')
    const prober = createProber(lab.platform, [openai])
    for (const wait of [0, 1, 59 * second, 999, 1]) {
      lab.pass(wait - (wait === 59 * second ? 1 : 0))
      await prober.round()
    }
    lab.pass(1)
    await prober.round()
    expect(openai.looks).toBe(2)
  })

  test('nor by two on one database, nor after a restart', async () => {
    const one = await newLab()
    const other = await newLab({ ...one.env }, one.now())
    const probes = [scripted('openai'), scripted('openai')] as const
    await createProber(one.platform, [probes[0]]).round()
    other.pass(59 * second)
    await createProber(other.platform, [probes[1]]).round()
    expect(probes.map(({ looks }) => looks)).toEqual([1, 0])
    other.pass(second)
    await createProber(other.platform, [probes[1]]).round()
    expect(probes.map(({ looks }) => looks)).toEqual([1, 1])
  })
})

test('a restart does not forget since when a component is in its state, unless it was away for long', async () => {
  const lab = await newLab()
  const began = lab.now()
  await createProber(lab.platform, [scripted('openai')]).round()
  for (const [away, since] of [
    [5 * minute, began],
    [6 * minute, began + 11 * minute],
  ] as const) {
    const next = await newLab({ ...lab.env }, lab.now() + away)
    lab.pass(away)
    await createProber(next.platform, [scripted('openai')]).round()
    expect((await openaiOf(next)).since).toBe(since)
  }
})

test('days older than 90 are let go of', async () => {
  const lab = await newLab()
  const prober = createProber(lab.platform, [scripted('openai')])
  await prober.round()
  lab.pass(89 * day)
  await prober.round()
  expect((await rows(lab)).map((row) => row.day)).toEqual(['2026-11-24', '2027-02-21'])
  lab.pass(1 * day)
  await prober.round()
  expect((await rows(lab)).map((row) => row.day)).toEqual(['2027-02-21', '2027-02-22'])
})

test('while the database takes nothing the probes go on, and what they found is written when it does again', async () => {
  const lab = await newLab()
  const [openai, database] = [scripted('openai'), scripted('database')]
  const prober = createProber(lab.platform, [openai, database])
  database.state = new Error('away')
  await refusing(lab.platform, 'INSERT ON probe_days', async () => {
    for (let round = 0; round < 3; round += 1) {
      await prober.round()
      lab.pass(minute)
    }
    expect(await rows(lab)).toEqual([])
    expect((await openaiOf(lab)).state).toBe('operational')
  })
  database.state = 'operational'
  await prober.round()
  expect(await rows(lab)).toEqual([
    expect.objectContaining({ component: 'database', operational: 1, failed: 3, since: lab.now() }),
    expect.objectContaining({ component: 'openai', operational: 4, failed: 0, since: lab.now() - 3 * minute }),
  ])
  // Each was written once.
  lab.pass(minute)
  await prober.round()
  expect(await rows(lab)).toEqual([
    expect.objectContaining({ failed: 3, operational: 2 }),
    expect.objectContaining({ operational: 5 }),
  ])
})

test('a stop leaves the round under way without a verdict', async () => {
  const lab = await newLab()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const look = () => {
    begin()
    return new Promise<never>(() => undefined)
  }
  const prober = createProber(lab.platform, [{ component: 'openai', look }])
  const round = prober.round()
  await begun
  await prober.stop()
  await round
  expect(await rows(lab)).toEqual([])
})
