import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chanceOf, extent } from '../../support/extent.ts'
import { startOort, type TestOort } from '../../support/oort.ts'
import type { EmittedEvent } from '../../support/stripe-emulator/books.ts'
import { type StripeEmulator, startStripeEmulator } from '../../support/stripe-emulator/stripe-emulator.ts'
import { enrolCustomer, everyRow, paymentsEnv, post, prices, secrets, sign } from './lab.ts'

const rounds = extent(3, 40)
const atOnce = 8
/** Payment events that have not been delivered yet, each of a customer of its own. */
const waiting: EmittedEvent[] = []

let stripe: StripeEmulator
let dataDir: string
let env: Readonly<Record<string, string>>
beforeAll(async () => {
  stripe = await startStripeEmulator({ secretKey: secrets.key, prices: Object.values(prices) })
  dataDir = await mkdtemp(join(tmpdir(), 'oort-crash-'))
  const oort = await startOort({ dataDir, env: paymentsEnv(stripe.origin) })
  env = oort.env
  for (let each = 0; each < 3 + rounds * atOnce; each += 1) {
    stripe.books.subscribe((await enrolCustomer({ oort, stripe })).customerId, prices.plus)
    waiting.push(stripe.books.events.at(-1) as EmittedEvent)
  }
  await oort.close()
})
afterAll(async () => {
  await stripe.close()
  await rm(dataDir, { recursive: true, force: true })
})

/** Opens the house in this process, for as long as `work` takes. */
async function inside<T>(work: (house: { readonly oort: TestOort }) => Promise<T>): Promise<T> {
  const oort = await startOort({ dataDir, env })
  try {
    return await work({ oort })
  } finally {
    await oort.close()
  }
}

async function startCrashing(place: string): Promise<{ readonly child: ChildProcess; readonly origin: string }> {
  const script = join(import.meta.dirname, 'crashing-oort.ts')
  const child = spawn(process.execPath, [script, place], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [origin] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, origin }
}

/** Whether the delivery was acknowledged before the other side died. */
const acknowledged = ({ payload }: EmittedEvent, origin: string): Promise<boolean> =>
  post(origin, payload, sign(payload)).then(
    ({ status }) => status === 200,
    () => false,
  )

/** Delivers the event once more, and finds its row, its effect and its audit entries there exactly once. */
async function expectOneEffect(event: EmittedEvent, outcome: string): Promise<void> {
  await inside(async (house) => {
    const answer = await post(house.oort.origin, event.payload, sign(event.payload))
    expect([answer.status, answer.json()]).toEqual([200, { outcome }])
    const rows = await everyRow(house)
    const kept = rows.events.filter(({ stripeId }) => stripeId === event.id)
    expect(kept).toHaveLength(1)
    const mine = <T extends { userId: string }>(list: readonly T[]) =>
      list.filter((row) => row.userId === kept[0]?.userId)
    expect(mine(rows.subscriptions)).toMatchObject([{ status: 'active' }])
    const audit = rows.audit.filter(({ subjectId }) => subjectId === kept[0]?.userId).map(({ action }) => action)
    expect(audit.filter((action) => /^(?:payment|subscription)\./.test(action))).toEqual([
      'payment.received',
      'subscription.changed',
    ])
  })
}

describe('W3 a crash at any place: the retry applies the event once', { timeout: extent(60_000, 1_800_000) }, () => {
  test.each([
    ['before the transaction', 'applied'],
    ['after the effect, before the commit', 'applied'],
    ['after the commit, before the answer', 'repeated'],
  ])('%s', async (place, outcome) => {
    const [event] = waiting.splice(0, 1) as [EmittedEvent]
    const { child, origin } = await startCrashing(place)
    const died = once(child, 'exit')
    expect(await acknowledged(event, origin)).toBe(false)
    expect((await died)[1]).toBe('SIGKILL')
    await expectOneEffect(event, outcome)
  })

  test('kill -9 at moments by chance: whatever was acknowledged is there, and the rest once it is delivered again', async () => {
    const fates = new Set<string>()
    const chance = chanceOf('payments')
    for (let round = 0; round < rounds; round += 1) {
      const events = waiting.splice(0, atOnce)
      const { child, origin } = await startCrashing('nowhere')
      const died = once(child, 'exit')
      const sent = events.map((event) => acknowledged(event, origin))
      await sleep(3 + chance() * 25)
      child.kill('SIGKILL')
      await died
      const known = await Promise.all(sent)
      await inside(async (house) => {
        const before = new Set((await everyRow(house)).events.map(({ stripeId }) => stripeId))
        for (const [index, event] of events.entries()) {
          if (known[index]) expect(before).toContain(event.id)
          const answer = await post(house.oort.origin, event.payload, sign(event.payload))
          expect(answer.json()).toEqual({ outcome: before.has(event.id) ? 'repeated' : 'applied' })
          fates.add(`${known[index] ? 'acknowledged' : 'lost'}, ${before.has(event.id) ? 'kept' : 'gone'}`)
        }
        const rows = await everyRow(house)
        for (const event of events) {
          expect(rows.events.filter(({ stripeId }) => stripeId === event.id)).toHaveLength(1)
        }
      })
    }
    expect(fates).not.toContain('acknowledged, gone')
  })
})
