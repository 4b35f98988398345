import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chanceOf, extent, long } from '../support/extent.ts'
import { figure } from '../support/figure.ts'
import { sound } from './examine.ts'
import { type House, openHouse } from './house.ts'
import type { Person } from './person.ts'

const kills = extent(5, 100)
const people = 6

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house[Symbol.asyncDispose]())

/** Works until the process is gone. */
async function work(person: Person, acknowledge: () => void): Promise<void> {
  for (;;) {
    const step = await person.step().catch((error: unknown) => {
      // What fetch throws when a connection breaks.
      if (error instanceof TypeError) return undefined
      throw error
    })
    if (step === undefined) return
    expect(step.answer.status, `${step.change}: ${step.answer.text}`).toBeLessThan(300)
    acknowledge()
  }
}

const name =
  'R1 kill -9 at points by chance under load: each acknowledged change and its audit entry is there, the chain whole'

test(name, { timeout: extent(120_000, 3_600_000) }, async ({ task, annotate }) => {
  const chance = chanceOf('kills')
  const crowd: Person[] = []
  let streamer: Person | undefined
  let streams = 0
  for (let kill = 1; kill <= kills; kill += 1) {
    const { child, origin: listening, ended } = house.router()
    // Now and then while it starts, when it recovers what the one before left.
    if (long && chance() < 0.1) {
      await sleep(200 + 1_000 * chance())
      child.kill('SIGKILL')
      await ended
      continue
    }
    const origin = await listening
    expect(await house.findings(), `after kill ${kill - 1}`).toMatchObject({ ...sound, openRuns: 0 })
    for (const person of [...crowd, streamer]) await person?.resume(origin)
    while (crowd.length < people) crowd.push(house.person({ origin, chance: chanceOf(`person ${crowd.length}`) }))
    streamer ??= house.person({ origin, chance: chanceOf('streamer') })
    await streamer.beginStream()
    streams += 1

    let left = 1 + Math.floor(chance() * 40)
    const reached = Promise.withResolvers<void>()
    const working = crowd.map((person) =>
      work(person, () => {
        left -= 1
        if (left === 0) reached.resolve()
      }),
    )
    await Promise.race([reached.promise, ...working.map((each) => each.then(() => reached.promise))])
    await sleep(8 * chance())
    child.kill('SIGKILL')
    await ended
    await Promise.all(working)
    expect(await house.findings(), `at kill ${kill}`).toMatchObject(sound)
  }
  await house.router().origin
  const last = await house.findings()
  expect(last).toMatchObject({ ...sound, openRuns: 0 })
  expect(last.interruptedRuns).toBeGreaterThanOrEqual(streams)
  const counted = `${kills} kills, ${house.claims.length} acknowledged changes, ${last.interruptedRuns} interrupted runs`
  figure(task, counted)
  await annotate(counted)
})
