import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onPostgres } from '../support/database.ts'
import { figure } from '../support/figure.ts'
import { password } from '../support/oort.ts'
import { type Customer, createCustomer, openLedger } from './customer.ts'
import { findDisagreements, verifyAudit } from './examine-failover.ts'
import { type FailoverHouse, openFailoverHouse, portOf } from './failover-house.ts'

// What three instances on one database promise when one of them, the primary, or the network between dies under load.
// The tests go on from one another, in this order.

const customers = 6
/** What is said where no instance answers. */
const byCaddy = '503 SHUTTING_DOWN'
/** Requests of one customer that are under way at once. */
const handsEach = 2

const ledger = openLedger()
const stopped = new AbortController()
let house: FailoverHouse
let crowd: Customer[] = []
let working: Promise<unknown> = Promise.resolve()
/** Runs of the instance that is killed, and when that was. */
let orphans: readonly string[] = []
let killedAt = 0

/** The longest time without an acknowledged change since `from`, in milliseconds. */
function longestSilence(from: number): number {
  const times = [from, ...ledger.successes.filter((at) => at > from), performance.now()]
  return Math.max(...times.map((at, index) => at - (times[index - 1] ?? at)))
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function person(at: number): Customer {
  const found = crowd[at]
  if (found === undefined) throw new RangeError(`no customer ${at}`)
  return found
}

function instance(at: number) {
  const found = house.instances[at]
  if (found === undefined) throw new RangeError(`no instance ${at}`)
  return found
}

/** Begins a slow stream at an instance; answers its run's id as soon as words come. */
async function beginStream(by: Customer, origin: string) {
  const body = { model: 'openai/emulator-slow', prompt: 'a long word '.repeat(100) }
  const answer = await by.browser.copy(origin).fetch('POST', '/api/runs', { body })
  const reader = answer.body?.getReader()
  await reader?.read()
  const id = answer.headers.get('x-oort-run-id')
  if (id === null) throw new Error(`no stream: ${answer.status}`)
  return { id, reader }
}

describe.skipIf(!onPostgres)('three instances on one primary with a replica', () => {
  beforeAll(async () => {
    house = await openFailoverHouse()
    const names = Array.from({ length: customers }, (_, at) => `customer-${at}`)
    crowd = await Promise.all(names.map((name) => createCustomer(house.caddy.origin, name, ledger)))
    working = Promise.all(crowd.flatMap(({ work }) => Array.from({ length: handsEach }, () => work(stopped.signal))))
    await sleep(1_000)
  }, 60_000)

  afterAll(async () => {
    stopped.abort()
    await working
    await house?.close()
  })

  test('the others serve on when an instance dies', async ({ task }) => {
    const victim = instance(2)
    const begun = await Promise.all(crowd.map((each) => beginStream(each, victim.origin)))
    orphans = begun.map(({ id }) => id)
    const kept = await beginStream(person(0), instance(0).origin)
    killedAt = performance.now()
    await victim.kill()
    await sleep(3_000)
    // Caddy has noticed by then.
    const refused = ledger.refusals.get(byCaddy)
    await sleep(2_000)
    expect(ledger.refusals.get(byCaddy)).toBe(refused)
    const silence = longestSilence(killedAt)
    // What others stream goes on.
    expect(await kept.reader?.read()).toMatchObject({ done: false })
    await kept.reader?.cancel()
    figure(task, `longest time without a success: ${seconds(silence)}`)
    expect(silence).toBeLessThan(3_000)
    expect([...ledger.wrong]).toEqual([])
  })

  test('writes succeed again without a restart when a replica takes over from a dead primary', async ({ task }) => {
    const diedAt = performance.now()
    await house.primary.kill()
    // Whoever watches over the servers takes a while to notice; meanwhile the address leads nowhere, then to a standby.
    await sleep(1_000)
    house.address.moveTo(portOf(house.replica.url))
    await sleep(500)
    await house.replica.promote()
    const promotedAt = performance.now()
    await expect.poll(() => ledger.successes.some((at) => at > promotedAt), { timeout: 20_000 }).toBe(true)
    await sleep(3_000)
    const silence = longestSilence(diedAt)
    const late = longestSilence(promotedAt)
    figure(task, `longest time without a success: ${seconds(silence)}, of it ${seconds(late)} after the promotion`)
    expect(late).toBeLessThan(5_000)
    expect([...ledger.wrong]).toEqual([])
  })

  test('connections that fall silent are given up', async ({ task }) => {
    const lostAt = performance.now()
    // What was on its way is acknowledged after that.
    const settling = 500
    house.address.loseConnections()
    await expect.poll(() => ledger.successes.some((at) => at > lostAt + settling), { timeout: 20_000 }).toBe(true)
    await sleep(3_000)
    figure(task, `longest time without a success: ${seconds(longestSilence(lostAt))}`)
    expect([...ledger.wrong]).toEqual([])
    expect(ledger.longest).toBeLessThan(20_000)
  }, 40_000)

  test('R1 the runs of a dead instance are interrupted by another one', async ({ task }) => {
    const open = () =>
      house.ask("SELECT id FROM runs WHERE id = ANY ($1) AND state IN ('queued', 'streaming')", [orphans])
    await expect.poll(open, { timeout: 60_000, interval: 250 }).toEqual([])
    const took = performance.now() - killedAt
    const states = await house.ask('SELECT DISTINCT state FROM runs WHERE id = ANY ($1)', [orphans])
    expect([orphans.length, states]).toEqual([customers, [{ state: 'interrupted' }]])
    figure(task, `${seconds(took)} after its death, on the same host`)
  }, 70_000)

  test('everything that was acknowledged is there, once', async ({ task }) => {
    stopped.abort()
    await working
    await instance(2).restart()
    const repeated = (await Promise.all(crowd.map(({ catchUp }) => catchUp()))).reduce((sum, each) => sum + each, 0)
    const lost = await findDisagreements(house, ledger)
    const told = [
      `${ledger.done.length} changes acknowledged`,
      ...[...ledger.refusals].map(([said, times]) => `${times} × ${said}`),
      `${lost.doneUnsaid} done and not acknowledged`,
      `${repeated} repeated at the end`,
      `longest wait for an answer: ${seconds(ledger.longest)}`,
    ]
    figure(task, told.join('; '))
    expect(lost.found).toEqual([])
    expect([...ledger.wrong]).toEqual([])
  }, 60_000)

  test('every chain of the audit log verifies, against the checkpoints of each instance', async () => {
    const verdicts = await verifyAudit(house)
    expect(verdicts.map(({ intact }) => intact)).toEqual([true, true, true])
  })

  test('one Idempotency-Key at several instances runs once', async () => {
    const prompt = 'only once'
    const send = (at: number) =>
      person(0)
        .browser.copy(instance(at).origin)
        .post('/api/runs', { model: 'gpt-5.4', prompt, stream: false }, { 'idempotency-key': 'the-same-at-all' })
    const answers = await Promise.all([send(0), send(1), send(2)])
    const statuses = answers.map(({ status }) => status)
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true)
    expect(statuses).toContain(200)
    const again = await send(1)
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    expect(house.emulator.requests.filter(({ body }) => body.includes(prompt))).toHaveLength(1)
  })

  test('a limit counts calls at all instances', async () => {
    const guess = (at: number) =>
      person(1)
        .browser.copy(instance(at % 3).origin)
        .post('/api/auth/sign-in', { email: 'nobody@example.com', password: `not ${password}` })
    const statuses: number[] = []
    for (let at = 0; at < 12; at += 1) statuses.push((await guess(at)).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
  })

  test('a run that is cancelled at another instance ends', async ({ task }) => {
    const { id } = await beginStream(person(2), instance(0).origin)
    const askedAt = performance.now()
    const answer = await person(2).browser.copy(instance(1).origin).post(`/api/runs/${id}/cancel`)
    expect([answer.status, answer.json()]).toMatchObject([200, { id, state: 'cancelled' }])
    figure(task, seconds(performance.now() - askedAt))
  })

  test('signing out everywhere at one instance is known at the others at once', async () => {
    const { browser } = person(3)
    const cookie = browser.copy()
    const me = async (at: number) => (await cookie.copy(instance(at).origin).get('/api/auth/me')).status
    expect([await me(0), await me(1), await me(2)]).toEqual([200, 200, 200])
    expect((await browser.copy(instance(0).origin).post('/api/auth/sign-out-everywhere')).status).toBe(200)
    expect([await me(0), await me(1), await me(2)]).toEqual([401, 401, 401])
  })
})
