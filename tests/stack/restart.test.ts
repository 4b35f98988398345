import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { engineMissing } from './compose.ts'
import { type Stack, startStack } from './lab.ts'
import { type Person, signUp } from './person.ts'

const words = (count: number) => 'another word '.repeat(count)

describe.skipIf(engineMissing !== undefined)('a restart in the middle of streams', () => {
  let stack: Stack
  let people: readonly Person[]

  beforeAll(async () => {
    stack = await startStack({ pace: 20 })
    people = await Promise.all([signUp(stack), signUp(stack), signUp(stack)])
  })
  afterAll(() => stack?.close())

  const statesOf = async (person: Person) => (await person.runs()).map(({ state }) => state)

  test('in order: each stream runs to its end, and every run is there afterwards', async () => {
    // About three seconds each: longer than it takes to ask for the restart, shorter than streams are given.
    const streams = await Promise.all(people.flatMap((person) => [person.run(words(75)), person.run(words(75))]))
    const restarted = stack.compose('restart', 'oort')
    for (const { rest } of streams) expect(await rest).toContain('event: done')
    expect(await restarted).toMatchObject({ exitCode: 0 })
    // Caddy tells that it is away with 503; then it is back, with the same sessions.
    await expect.poll(async () => (await stack.browser().get('/healthz')).status, { timeout: 30_000 }).toBe(200)
    for (const person of people) expect(await statesOf(person)).toEqual(['succeeded', 'succeeded'])
  })

  test('R1 by force: what was acknowledged is there, and what was cut off says so', async () => {
    const before = await Promise.all(people.map((person) => person.runs()))
    const streams = await Promise.all(people.map((person) => person.run(words(300))))
    expect(await stack.compose('kill', 'oort')).toMatchObject({ exitCode: 0 })
    for (const { rest } of streams) expect(await rest).not.toContain('event: done')
    expect((await stack.browser().get('/healthz')).status).toBe(503)
    expect(await stack.compose('start', 'oort')).toMatchObject({ exitCode: 0 })
    await expect.poll(async () => (await stack.browser().get('/healthz')).status, { timeout: 30_000 }).toBe(200)
    for (const [index, person] of people.entries()) {
      const [latest, ...earlier] = await person.runs()
      expect(latest?.state).toBe('interrupted')
      expect(earlier).toEqual(before[index])
    }
    const verdict = await stack.exec('oort', ['oort', 'audit', 'verify', '--json'])
    expect([verdict.exitCode, verdict.stdout]).toEqual([0, expect.stringContaining('"intact":true')])
  })
})
