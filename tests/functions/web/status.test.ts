import { afterAll, describe, expect, test, vi } from 'vitest'
import { day, hour, minute, second } from '../../../core/clock.ts'
import { openIncident } from '../../../core/incidents/open-incident.ts'
import { createProber } from '../../../core/incidents/probes/keep-probing.ts'
import { type Status, statusRecord } from '../../../core/incidents/status.ts'
import type { ComponentState } from '../../../core/incidents/terms.ts'
import { updateIncident } from '../../../core/incidents/update-incident.ts'
import { insideOf } from '../../../core/platform.ts'
import { opening, update } from '../../core/incidents/lab.ts'
import { withoutTable } from '../../support/behind-the-store.ts'
import { ask } from '../../support/http.ts'
import { startOort, type TestOort } from '../../support/oort.ts'

/** A house of its own for each promise, at noon of one day. */
async function newHouse(env: Readonly<Record<string, string>> = {}) {
  let now = Date.UTC(2026, 10, 24, 12)
  const oort = await startOort({ clock: () => now, env })
  houses.push(oort)
  const found: Partial<Record<'api' | 'database' | 'openai', ComponentState>> = {}
  const probes = (['api', 'database', 'openai'] as const).map((component) => ({
    component,
    look: async () => found[component] ?? 'operational',
  }))
  const prober = createProber(oort.platform, probes)
  return {
    oort,
    now: () => now,
    pass(duration: number) {
      now += duration
    },
    /** One round of probes, in which these components are so and the others well. */
    async round(states: typeof found = {}) {
      for (const component of ['api', 'database', 'openai'] as const)
        found[component] = states[component] ?? 'operational'
      await prober.round()
      now += minute
    },
    async status(): Promise<Status> {
      now += 5 * second
      const { text } = await ask(oort.origin, { path: '/api/status' })
      // Strictly: what the schema does not name does not leave, and what it names is there.
      const told = JSON.parse(text) as Status
      expect(statusRecord.parse(told)).toEqual(told)
      return told
    },
  }
}

const houses: TestOort[] = []
afterAll(async () => {
  for (const house of houses) await house.close()
})

const named = ({ components }: Status, name: string) => {
  const found = components.find((component) => component.name === name)
  if (found === undefined) throw new RangeError(`${name} is not told of`)
  return found
}

describe('the components', () => {
  test('are those that are configured, and before any probe nothing is known of them', async () => {
    const { status } = await newHouse()
    const told = await status()
    expect(told.state).toBe(null)
    expect(told.components.map(({ name }) => name)).toEqual(['api', 'database', 'openai', 'anthropic', 'cerebras'])
    for (const { days, ...component } of told.components) {
      expect(component).toEqual({ name: component.name, state: null, since: null, probedAt: null, uptime: null })
      expect(days).toHaveLength(90)
      for (const each of days) expect(each).toMatchObject({ worst: null, uptime: null })
    }
    const { status: withMail } = await newHouse({ SMTP_URL: 'smtp://127.0.0.1:9' })
    expect((await withMail()).components.map(({ name }) => name)).toContain('mail')
  })

  test('are as the newest probe found them, and since when; all together as the worst', async () => {
    const house = await newHouse()
    await house.round()
    const began = house.now()
    await house.round({ openai: 'failed', api: 'degraded' })
    await house.round({ openai: 'failed' })
    const told = await house.status()
    expect(told.state).toBe('failed')
    expect(named(told, 'openai')).toMatchObject({ state: 'failed', since: began, probedAt: began + minute })
    expect(named(told, 'api')).toMatchObject({ state: 'operational', since: began + minute })
    expect(named(told, 'anthropic')).toMatchObject({ state: null, since: null })
  })

  test('are unknown when nobody has looked for five minutes', async () => {
    const house = await newHouse()
    await house.round()
    house.pass(4 * minute - 5 * second)
    expect(named(await house.status(), 'api').state).toBe('operational')
    house.pass(1)
    const told = await house.status()
    expect([told.state, named(told, 'api').state]).toEqual([null, null])
  })

  test('have 90 days of history, of which one without probes is no data', async () => {
    const house = await newHouse()
    await house.round({ openai: 'failed' })
    await house.round()
    await house.round({ openai: 'degraded' })
    house.pass(2 * day)
    await house.round()
    const { days, uptime } = named(await house.status(), 'openai')
    expect(days[0]?.day).toBe('2026-08-29')
    expect(days.slice(-4)).toEqual([
      { day: '2026-11-23', worst: null, uptime: null },
      { day: '2026-11-24', worst: 'failed', uptime: 0.6666 },
      { day: '2026-11-25', worst: null, uptime: null },
      { day: '2026-11-26', worst: 'operational', uptime: 1 },
    ])
    expect(uptime).toBe(0.75)
    const worstOfApi = named(await house.status(), 'api').days.slice(-3)
    expect(worstOfApi.map(({ worst }) => worst)).toEqual(['operational', null, 'operational'])
  })
})

describe('the incidents', () => {
  test('are told of while they go on, with what was promised, and for 90 days after', async () => {
    const { oort, status, pass, now } = await newHouse()
    const id = await openIncident(oort.platform, 'console', opening)
    const openedAt = now()
    const told = await status()
    expect(told.openIncidents).toEqual([
      expect.objectContaining({
        id,
        nextUpdateDueAt: openedAt + 8 * hour,
        updates: [expect.objectContaining({ text: opening.text })],
      }),
    ])
    expect(told.commitments.find(({ severity }) => severity === 'SEV2')).toMatchObject({
      firstNoticeWithinMinutes: 240,
      updateEveryMinutes: 480,
      postMortemWithinMinutes: 14_400,
    })
    pass(200 * day)
    expect((await status()).openIncidents).toEqual([expect.objectContaining({ id, overdue: ['update'] })])
    await updateIncident(oort.platform, 'console', id, update({ state: 'resolved' }))
    const ended = await status()
    expect([ended.openIncidents, ended.pastIncidents.map((each) => each.id)]).toEqual([[], [id]])
    pass(90 * day)
    expect((await status()).pastIncidents).toEqual([])
  })

  test('stand on the home page by their newest notice, the worst first, and the least not at all', async () => {
    const { oort, status, pass } = await newHouse()
    for (const severity of ['SEV4', 'SEV3', 'SEV1'] as const) {
      const id = await openIncident(oort.platform, 'console', { ...opening, severity, title: severity })
      pass(minute)
      await updateIncident(oort.platform, 'console', id, update({ text: `${severity} goes on.` }))
    }
    expect((await status()).notices.map(({ severity, text, state }) => [severity, text, state])).toEqual([
      ['SEV1', 'SEV1 goes on.', 'identified'],
      ['SEV3', 'SEV3 goes on.', 'identified'],
    ])
  })
})

describe('the answer', () => {
  test('is made once in five seconds, however many ask', async () => {
    const { oort, pass } = await newHouse()
    const reads = vi.spyOn(insideOf(oort.platform).store.read, 'select')
    const askTimes = (times: number) =>
      Promise.all(Array.from({ length: times }, () => ask(oort.origin, { path: '/api/status' })))
    await askTimes(1)
    const forOne = reads.mock.calls.length
    expect(forOne).toBeGreaterThan(0)
    pass(5 * second)
    const many = await askTimes(20)
    expect([reads.mock.calls.length, new Set(many.map(({ text }) => text)).size]).toEqual([2 * forOne, 1])
    pass(5 * second - 1)
    await askTimes(20)
    expect(reads).toHaveBeenCalledTimes(2 * forOne)
    pass(1)
    await askTimes(20)
    expect(reads).toHaveBeenCalledTimes(3 * forOne)
  })

  test('may be kept for as long, and is not sent to who has it', async () => {
    const { oort, pass } = await newHouse()
    for (const [path, maxAge] of [
      ['/api/status', 5],
      ['/status.atom', 60],
    ] as const) {
      const whole = await ask(oort.origin, { path })
      expect([whole.status, whole.headers['cache-control']]).toEqual([200, `public, max-age=${maxAge}`])
      const etag = whole.headers.etag ?? ''
      for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const known = await ask(oort.origin, { path, headers: { 'if-none-match': tag } })
        expect([known.status, known.text, known.headers.etag]).toEqual([304, '', etag])
      }
      await openIncident(oort.platform, 'console', opening)
      pass(5 * second)
      const changed = await ask(oort.origin, { path, headers: { 'if-none-match': etag } })
      expect([changed.status, changed.headers.etag === etag]).toEqual([200, false])
      const head = await ask(oort.origin, { method: 'HEAD', path })
      expect([head.status, head.text, head.headers.etag]).toEqual([200, '', changed.headers.etag])
    }
  })

  test('R4 comes from memory when the database is away, which it tells', async () => {
    const house = await newHouse()
    await house.round()
    const id = await openIncident(house.oort.platform, 'console', opening)
    const before = await house.status()
    const told = await withoutTable(house.oort.platform, 'probe_days', async () => {
      await house.round({ openai: 'degraded' })
      return house.status()
    })
    expect([told.state, named(told, 'database').state, named(told, 'openai').state]).toEqual([
      'failed',
      'failed',
      'degraded',
    ])
    expect(told.openIncidents.map((each) => each.id)).toEqual([id])
    expect(named(told, 'api').days).toEqual(named(before, 'api').days)
  })
})
