import { afterAll, beforeAll, expect, test } from 'vitest'
import { chanceOf, extent } from '../support/extent.ts'
import { figure } from '../support/figure.ts'
import { sound } from './examine.ts'
import { type House, openHouse } from './house.ts'

const writers = 50
/** Each is written to by five at once. */
const accounts = 10
const forMs = extent(3_000, 60_000)

let house: House
beforeAll(async () => {
  house = await openHouse({ env: { OORT_WORKERS: '2' } })
})
afterAll(() => house[Symbol.asyncDispose]())

const name = 'R3 50 writers on two processes: every change is made, and no SQLITE_BUSY reaches a client'

test(name, { timeout: extent(120_000, 300_000) }, async ({ task, annotate }) => {
  const router = house.router()
  let log = ''
  router.child.stdout?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const origin = await router.origin
  await expect.poll(() => log.match(/listening at/g)?.length, { timeout: 30_000 }).toBe(2)
  const changes = ['add a key', 'replace a key', 'delete a key', 'issue an API key', 'revoke an API key'] as const
  const owners = Array.from({ length: accounts }, (_, at) => house.person({ origin, chance: chanceOf(`owner ${at}`) }))
  await Promise.all(owners.map((owner) => owner.step('sign up')))
  const crowd = owners.flatMap((besides, of) =>
    Array.from({ length: writers / accounts }, (_, at) =>
      house.person({ origin, chance: chanceOf(`writer ${of} ${at}`), changes, besides }),
    ),
  )

  const until = performance.now() + forMs
  const refusals: string[] = []
  await Promise.all(
    crowd.map(async (person) => {
      while (performance.now() < until) {
        const { change, answer } = await person.step()
        if (answer.status >= 300) refusals.push(`${change}: ${answer.text}`)
      }
    }),
  )
  expect(refusals).toEqual([])
  expect(log).not.toContain('SQLITE_')
  expect(house.claims.length).toBeGreaterThan(2 * writers)
  expect(await house.findings()).toMatchObject(sound)
  const counted = `${house.claims.length} changes in ${forMs / 1_000} s`
  figure(task, counted)
  await annotate(counted)
})
