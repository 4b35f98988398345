import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chanceOf, extent } from '../support/extent.ts'
import { sound } from './examine.ts'
import { type House, openHouse } from './house.ts'

let house: House
let pid: number
let origin: string
beforeAll(async () => {
  house = await openHouse()
  const { child, origin: listening } = house.router()
  origin = await listening
  pid = child.pid ?? 0
})
afterAll(() => house[Symbol.asyncDispose]())

/** prlimit(1) is Linux's. */
const canLimit = spawnSync('prlimit', ['--nofile'], { stdio: 'ignore' }).status === 0

const limit = (files: number): void =>
  void spawnSync('prlimit', ['--pid', String(pid), `--nofile=${files}:`], { stdio: 'ignore' })

/** Standard input, output and error have the numbers below: none is left, whatever is closed meanwhile. */
const none = 3

/** Whether a connection is taken and kept open by the other side. */
const isServed = (): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(origin)
    const socket = connect(Number(port), hostname, () =>
      socket.write('GET /healthz HTTP/1.1\r\nHost: oort.test\r\n\r\n'),
    )
    socket.setTimeout(1_000, () => socket.destroy())
    socket
      .on('data', () => {
        resolve(true)
        socket.destroy()
      })
      .on('error', () => resolve(false))
      .on('close', () => resolve(false))
  })

const name =
  'R4 out of file descriptors: what needs one is refused with a 503 problem, the rest goes on, and it recovers'

test.skipIf(!canLimit)(name, { timeout: extent(120_000, 600_000) }, async () => {
  const person = house.person({ origin, chance: chanceOf('descriptors') })
  const make = async (change: Parameters<typeof person.step>[0]) => {
    const step = await person.step(change)
    expect(step.change).toBe(change)
    return step.answer
  }
  await make('sign up')
  for (let count = 0; count < 3; count += 1) await make('add a key')
  for (let round = 0; round < extent(2, 20); round += 1) {
    limit(none)
    // On a connection that is open already: nothing new is needed to write to the database …
    expect((await make('issue an API key')).status).toBe(201)
    expect((await person.browser.get('/api/keys')).status).toBe(200)
    // … but for a deletion, which is in the ledger before it is acknowledged, and for a connection to a provider, of
    // which none is open before the first run.
    const wanting = ['revoke an API key', 'delete a key', 'run a prompt'] as const
    for (const change of round === 0 ? wanting : wanting.slice(0, 2)) {
      const answer = await make(change)
      expect([change, answer.status, answer.headers.get('content-type')]).toEqual([
        change,
        503,
        'application/problem+json',
      ])
    }
    expect(await isServed()).toBe(false)
    limit(1_024)
    expect(await isServed()).toBe(true)
    await person.resume(origin)
    for (const change of ['add a key', 'run a prompt', 'replace a key'] as const) {
      expect([change, (await make(change)).status]).toEqual([change, expect.toSatisfy((status) => status < 300)])
    }
    await person.resume(origin)
    expect(await house.findings()).toMatchObject(sound)
  }
})
