import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOort } from '../../support/oort.ts'
import {
  enrolCustomer,
  everyRow,
  openLab,
  type PaymentsLab,
  post,
  prices,
  type Signing,
  secrets,
  sign as signAt,
} from './lab.ts'

let lab: PaymentsLab
let payload: string
beforeAll(async () => {
  lab = await openLab()
  // What is signed and judged within one test is so within one second.
  lab.hold()
  const { customerId } = await enrolCustomer(lab)
  lab.stripe.books.subscribe(customerId, prices.plus)
  payload = lab.stripe.books.events[0]?.payload ?? ''
})
afterAll(() => lab[Symbol.asyncDispose]())

const sign = (body: string, signing: Signing = {}) => signAt(body, { now: lab.oort.platform.clock(), ...signing })

/** Answers status and code of a delivery and whether anything was written by it. */
async function tried(body: string | Buffer, signature?: string): Promise<string> {
  const before = await everyRow(lab)
  const answer = await post(lab.oort.origin, body, signature)
  expect(await everyRow(lab)).toEqual(before)
  return `${answer.status} ${answer.json<{ code?: string }>().code}`
}

/** An event that has not been delivered before, of a customer whom Oort knows. */
async function fresh(): Promise<string> {
  const { customerId } = await enrolCustomer(lab)
  return lab.stripe.books.cancel(lab.stripe.books.subscribe(customerId, prices.plus).id).payload
}

describe('W2 a delivery is accepted', () => {
  test.each([
    ['just signed', {}],
    ['signed 300 s ago', { shift: -300 }],
    ['signed 300 s ahead', { shift: 300 }],
    ['signed with the secret before', { secret: secrets.previous }],
  ])('%s', async (_what, signing) => {
    const body = await fresh()
    const answer = await post(lab.oort.origin, body, sign(body, signing))
    expect([answer.status, answer.json()]).toEqual([200, { outcome: 'applied' }])
  })

  test('when one of several signatures is by a secret of ours, as while Stripe rolls it', async () => {
    const body = await fresh()
    const [time, ours] = sign(body).split(',')
    const [, foreign] = sign(body, { secret: 'whsec_somebodyElsesSecret0' }).split(',')
    expect((await post(lab.oort.origin, body, `${time},${foreign},${ours}`)).status).toBe(200)
  })
})

describe('W2 a delivery is refused, and nothing is written', () => {
  test.each([
    ['301 s old', { shift: -301 }],
    ['301 s ahead', { shift: 301 }],
    ['of next year', { shift: 31_536_000 }],
    ['with a secret of somebody else', { secret: 'whsec_somebodyElsesSecret0' }],
    ['with the secret key', { secret: secrets.key }],
  ])('%s', async (_what, signing) => {
    expect(await tried(payload, sign(payload, signing))).toBe('400 SIGNATURE_REFUSED')
  })

  test('with any one byte changed', async () => {
    const signature = sign(payload)
    const at = Array.from({ length: 40 }, (_, index) => Math.floor((index * payload.length) / 40))
    for (const place of at) {
      const changed = Buffer.from(payload)
      changed.writeUInt8((changed[place] ?? 0) ^ 1, place)
      // Some changes make it no JSON at all, or text that is none; the others must be caught by the signature.
      expect(await tried(changed, signature)).toMatch(/^400 (SIGNATURE_REFUSED|JSON_INVALID)$/)
    }
  })

  test.each([
    ['re-serialised', (body: string) => JSON.stringify(JSON.parse(body))],
    ['with a line break at its end', (body: string) => `${body}\n`],
    ['with a space before it', (body: string) => ` ${body}`],
    ['with a byte order mark before it', (body: string) => `\ufeff${body}`],
    ['empty but for braces', () => '{}'],
  ])('%s', async (_what, change) => {
    expect(await tried(change(payload), sign(payload))).toBe('400 SIGNATURE_REFUSED')
  })

  test.each([
    ['without a signature', () => undefined],
    ['with an empty one', () => ''],
    ['with one of another scheme', (signature: string) => signature.replace('v1=', 'v0=')],
    ['without its time', (signature: string) => signature.replace(/t=\d+,/, '')],
    ['with a time that is none', (signature: string) => signature.replace(/t=\d+/, 't=now')],
    [
      'with another time',
      (signature: string) => signature.replace(/t=\d+/, (time) => `t=${Number(time.slice(2)) - 1}`),
    ],
    ['with two times', (signature: string) => `t=${Math.floor(lab.oort.platform.clock() / 1_000)},${signature}`],
    ['shortened', (signature: string) => signature.slice(0, -1)],
  ])('%s', async (_what, change) => {
    expect(await tried(payload, change(sign(payload)))).toBe('400 SIGNATURE_REFUSED')
  })

  test('signed, but no event', async () => {
    for (const body of [
      '{}',
      '[]',
      '{"id":"evt_1","object":"v2.core.event"}',
      JSON.stringify({ id: 'evt_1', object: 'event' }),
    ]) {
      expect(await tried(body, sign(body))).toMatch(/^400 (BODY_INVALID|SIGNATURE_REFUSED)$/)
    }
  })

  test('larger than an event can be', async () => {
    const body = JSON.stringify({ id: 'evt_1', object: 'event', filler: 'x'.repeat(256 * 1024) })
    expect(await tried(body, sign(body))).toBe('413 BODY_TOO_LARGE')
  })

  test('where no payments are taken', async () => {
    const oort = await startOort()
    const answer = await post(oort.origin, payload, sign(payload))
    expect([answer.status, answer.json()['code']]).toEqual([404, 'PAYMENTS_DISABLED'])
    await oort.close()
  })
})

test('W2 a browser of another site may knock as anybody may, and needs the signature as anybody does', async () => {
  const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }
  const url = `${lab.oort.origin}/webhooks/payments`
  const refused = await fetch(url, { method: 'POST', headers, body: payload })
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([400, 'SIGNATURE_REFUSED'])
})

test('D3 neither secrets nor the payload reach the log, whatever is refused', async () => {
  await post(lab.oort.origin, payload, sign(payload, { secret: 'whsec_somebodyElsesSecret0' }))
  const log = lab.oort.log()
  expect(log).toContain('/webhooks/payments')
  for (const secret of [secrets.key, secrets.webhook, secrets.previous, 'somebodyElsesSecret', 'cus_', 'evt_']) {
    expect(log).not.toContain(secret)
  }
})
