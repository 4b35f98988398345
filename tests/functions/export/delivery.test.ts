import { mkdtemp, rm } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findAccount } from '../../../core/accounts/find-account.ts'
import { minute } from '../../../core/clock.ts'
import { seals } from '../../../core/export/verify.mjs'
import { newId } from '../../../core/ids.ts'
import { exports } from '../../../core/store/schema.ts'
import type { Browser } from '../../support/browser.ts'
import { password, startOort, type TestOort } from '../../support/oort.ts'
import {
  addRuns,
  begin,
  download,
  exportOf,
  progressOf,
  progressWhen,
  rowsOf,
  type Stock,
  stockedUser,
  unpack,
} from './lab.ts'

let now = Date.now()
let oort: TestOort
/** Has more than any buffer between the database and a reader holds: some 18 MB that do not compress. */
let heavy: Stock
const heavyRuns = 3_000
beforeAll(async () => {
  oort = await startOort({ clock: () => now })
  heavy = await stockedUser(oort, 'heavy', 0)
  await addRuns(oort, heavy.scope, 'heavy', heavyRuns, { length: 8_000 })
})
afterAll(() => oort.close())

interface Download {
  readonly answer: IncomingMessage
  /** Whether the answer came to its own end or was broken off. */
  readonly outcome: Promise<'whole' | 'broken'>
}

/** A download of which nothing is read yet. */
function openDownload(browser: Browser, id: string, origin = oort.origin): Promise<Download> {
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}/api/export/${id}/download`, { headers: { cookie: browser.cookie } })
    asked.once('response', (answer) => {
      const outcome = finished(answer).then(
        () => 'whole' as const,
        () => 'broken' as const,
      )
      resolve({ answer, outcome })
    })
    asked.once('error', reject).end()
  })
}

/** The actions about an export, oldest first, with what they tell. */
async function trailOf({ scope }: Stock, id: string) {
  const entries = await scope.audit({ targetId: id, limit: 10 })
  return entries.toReversed().map(({ action, detail }) => [action, detail])
}

/** The progress once it has stood still for a while. */
async function progressAtRest(browser: Browser, id: string) {
  let before = await progressWhen(browser, id, ({ rowsWritten }) => rowsWritten > 0)
  for (;;) {
    await wait(1_200)
    const after = await progressOf(browser, id)
    if (after.rowsWritten === before.rowsWritten) return after
    before = after
  }
}

describe('asking for an export', () => {
  test('needs the password of the last 15 minutes', async () => {
    const { browser } = await stockedUser(oort, 'late')
    const start = now
    now = start + 15 * minute
    expect((await browser.post('/api/export')).status).toBe(202)
    now += 1
    const refused = await browser.post('/api/export')
    expect([refused.status, refused.json()['code']]).toEqual([403, 'REAUTHENTICATION_REQUIRED'])
    await browser.post('/api/auth/reauthenticate', { password })
    expect((await browser.post('/api/export')).status).toBe(202)
    now = start
  })

  test('is not for API keys nor for anybody who is not signed in', async () => {
    const answer = await oort.browser().post('/api/export')
    expect([answer.status, answer.json()['code']]).toEqual([401, 'UNAUTHENTICATED'])
    const issued = await heavy.browser.post('/api/api-keys', { name: 'program', scopes: ['runs:create'] })
    const authorization = `Bearer ${issued.json<{ token: string }>().token}`
    const program = await oort.browser().post('/api/export', {}, { authorization })
    expect([program.status, program.json()['code']]).toEqual([403, 'FORBIDDEN'])
  })

  test('replaces an export that still waits, which then cannot be downloaded', async () => {
    const user = await stockedUser(oort, 'twice')
    const first = await begin(user.browser)
    const second = await begin(user.browser)
    expect((await progressOf(user.browser, first)).state).toBe('abandoned')
    expect((await user.browser.get(`/api/export/${first}/download`)).json()).toMatchObject({ code: 'CONFLICT' })
    expect(await trailOf(user, first)).toEqual([
      ['export.started', {}],
      ['export.abandoned', { reason: 'replaced' }],
    ])
    expect((await download(user.browser, second)).length).toBeGreaterThan(1_000)
  })
})

describe('a download', () => {
  test('is an attachment that nobody caches, taken once, and is written down', async () => {
    const user = await stockedUser(oort, 'once')
    const id = await begin(user.browser)
    const answer = await user.browser.fetch('GET', `/api/export/${id}/download`)
    const zip = Buffer.from(await answer.arrayBuffer())
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="oort-export-${new Date(now).toISOString().slice(0, 10)}.zip"`,
      'cache-control': 'no-store',
    })
    const done = await progressWhen(user.browser, id, ({ state }) => state === 'finished')
    expect(done).toMatchObject({ bytesWritten: zip.length, rowsTotal: done.rowsWritten, finishedAt: now })
    const files = await unpack(zip)
    const rows = [...files.keys()].filter((name) => name.endsWith('.ndjson')).flatMap((name) => rowsOf(files, name))
    expect(done.rowsWritten).toBe(rows.length)
    const again = await user.browser.get(`/api/export/${id}/download`)
    expect([again.status, again.json()['code']]).toEqual([409, 'CONFLICT'])
    expect(await trailOf(user, id)).toEqual([
      ['export.started', {}],
      ['export.streaming', {}],
      ['export.finished', { rows: rows.length }],
    ])
  })

  test('is not used up by HEAD, which is refused', async () => {
    const user = await stockedUser(oort, 'length')
    const id = await begin(user.browser)
    const asked = await user.browser.fetch('HEAD', `/api/export/${id}/download`)
    expect([asked.status, asked.headers.get('allow')]).toEqual([405, 'GET'])
    expect(await trailOf(user, id)).toEqual([['export.started', {}]])
    expect((await download(user.browser, id)).length).toBeGreaterThan(1_000)
  })

  test('is for the session that asked, within 15 minutes', async () => {
    const user = await stockedUser(oort, 'bound')
    const id = await begin(user.browser)
    const elsewhere = oort.browser()
    await elsewhere.post('/api/auth/sign-in', { email: user.browser.email, password })
    expect((await elsewhere.get(`/api/export/${id}`)).status).toBe(200)
    expect((await elsewhere.get(`/api/export/${id}/download`)).json()).toMatchObject({ code: 'CONFLICT' })
    now += 15 * minute + 1
    expect((await progressOf(user.browser, id)).state).toBe('abandoned')
    expect((await user.browser.get(`/api/export/${id}/download`)).json()).toMatchObject({ code: 'CONFLICT' })
    now -= 15 * minute + 1
    expect((await download(user.browser, id)).length).toBeGreaterThan(1_000)
  })

  test('Z1 another user\u2019s export answers exactly like a missing one', async () => {
    const [user, other] = [await stockedUser(oort, 'mine'), await oort.signedIn()]
    const id = await begin(user.browser)
    for (const path of ['', '/download']) {
      const answers = [id, newId('export')].map((of) => other.get(`/api/export/${of}${path}`))
      const [foreign, missing] = await Promise.all(answers)
      const stripped = (text = '') => text.replaceAll(/req_[\w-]+/g, '').replaceAll(/exp_[\w-]+/g, '')
      expect(foreign?.status).toBe(404)
      expect(stripped(foreign?.text)).toBe(stripped(missing?.text))
    }
  })
})

describe('a slow reader', () => {
  test('is waited for: no more is read from the database than fits the buffers, and a second export is refused', async () => {
    const id = await begin(heavy.browser)
    const { answer } = await openDownload(heavy.browser, id)
    const resting = await progressAtRest(heavy.browser, id)
    expect(resting).toMatchObject({ state: 'streaming' })
    expect(resting.rowsWritten).toBeLessThan(heavyRuns * 0.6)
    expect(resting.bytesWritten).toBeGreaterThan(0)
    const second = await heavy.browser.post('/api/export')
    expect([second.status, second.json()['code']]).toEqual([409, 'CONFLICT'])

    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    const done = await progressWhen(heavy.browser, id, ({ state }) => state === 'finished')
    expect(done.rowsWritten).toBeGreaterThan(heavyRuns)
    expect(rowsOf(await unpack(Buffer.concat(chunks)), 'runs.ndjson')).toHaveLength(heavyRuns)
  })

  test('that goes away stops the reading, and the next export may begin', async () => {
    const id = await begin(heavy.browser)
    const { answer } = await openDownload(heavy.browser, id)
    answer.once('data', () => answer.destroy())
    const left = await progressWhen(heavy.browser, id, ({ state }) => state === 'abandoned')
    expect(left.rowsWritten).toBeLessThan(heavyRuns * 0.6)
    await wait(200)
    expect(await progressOf(heavy.browser, id)).toEqual(left)
    expect((await trailOf(heavy, id)).at(-1)).toEqual(['export.abandoned', { reason: 'client_gone' }])
    await begin(heavy.browser)
  })

  test.concurrent.each([
    ['every session is ended', false],
    ['the account is deleted', true],
  ])('gets no whole archive once %s', async (_what, deleted) => {
    const user = await stockedUser(oort, 'ended', 0)
    await addRuns(oort, user.scope, 'ended', 2_000, { length: 8_000 })
    const { answer, outcome } = await openDownload(user.browser, await begin(user.browser))
    const chunks: Buffer[] = []
    const ended = deleted
      ? await user.browser.send('DELETE', '/api/auth/account', { body: { password } })
      : await user.browser.copy().post('/api/auth/sign-out-everywhere')
    expect(ended.status).toBeLessThan(300)
    await wait(1_200)
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    expect(await outcome).toBe('broken')
    // A zip's central directory comes last, behind the signature: without it there is no archive. The manifest's own
    // header can be there, since the right to it is looked at when its turn has come.
    expect(Buffer.concat(chunks).includes('PK\x01\x02')).toBe(false)
    expect(Buffer.concat(chunks).includes(seals.signature)).toBe(false)
    const [last] = await user.scope.audit({ limit: 1 })
    const told = { action: 'export.abandoned', detail: { reason: 'revoked' } }
    expect(last).toMatchObject(deleted ? { action: 'user.deleted' } : told)
  })

  test.concurrent('does not hold up a restart, which is written down', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'oort-test-'))
    const own = await startOort({ dataDir })
    const user = await stockedUser(own, 'restart', 0)
    await addRuns(own, user.scope, 'restart', 6_000, { length: 8_000 })
    const id = await begin(user.browser)
    const { answer, outcome } = await openDownload(user.browser, id, own.origin)
    await own.close()
    answer.resume()
    expect(await outcome).toBe('broken')
    const reopened = await startOort({ env: own.env, dataDir })
    const account = await findAccount(reopened.platform, user.browser.email, 'req_test')
    const [last] = (await account?.scope.audit({ targetId: id, limit: 1 })) ?? []
    expect(last).toMatchObject({ action: 'export.abandoned', detail: { reason: 'shutdown' } })
    await reopened.close()
    await rm(dataDir, { recursive: true })
  })
})

test('an export whose process was killed does not stand in the way of the next', async () => {
  const user = await stockedUser(oort, 'killed')
  const id = await begin(user.browser)
  const claim = { state: 'streaming', progressAt: now } as const
  await user.scope.write((tx) => tx.update(exports, id, claim, { type: 'export.streaming' }))
  now += minute
  expect((await user.browser.post('/api/export')).status).toBe(409)
  now += 1
  await exportOf(user.browser)
  expect((await trailOf(user, id)).at(-1)).toEqual(['export.abandoned', { reason: 'stalled' }])
})
