import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { countAppended } from '../../../core/store/audit-rows.ts'
import { tamper } from '../../support/behind-the-store.ts'
import { scopeOf } from '../../support/seed.ts'
import { type Lab, openLab, type Person } from '../runs/lab.ts'
import { act, administrator, codeOf, type Entry } from './lab.ts'

let lab: Lab
let admin: Person
let person: Person
beforeAll(async () => {
  lab = await openLab()
  admin = await administrator(lab)
  person = await lab.person()
  await act(admin, person, 'suspend', { reason: 'abuse' })
  await act(admin, person, 'unsuspend', { reason: 'mistake' })
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Page {
  readonly entries: readonly Entry[]
  readonly nextCursor: number | null
}

const search = async (query = ''): Promise<Page> => (await admin.browser.get(`/api/admin/audit?${query}`)).json<Page>()
const positions = ({ entries }: Page) => entries.map(({ position }) => position)

async function everything(query: string, limit: number, after: number | null = null): Promise<Entry[]> {
  const all: Entry[] = []
  for (let cursor = after; ; ) {
    const page: Page = await search(`limit=${limit}&${query}${cursor === null ? '' : `&cursor=${cursor}`}`)
    expect(page.entries.length).toBeLessThanOrEqual(limit)
    all.push(...page.entries)
    cursor = page.nextCursor
    if (cursor === null) return all
  }
}

describe('the log of all', () => {
  test('is told newest first, each entry once, also while it grows', async () => {
    const first = await search('limit=5')
    await scopeOf(lab.oort.platform, person.userId).write((tx) => tx.record({ type: 'user.sign_up_repeated' }))
    const rest = await everything('', 3, first.nextCursor)
    const told = [...positions(first), ...rest.map(({ position }) => position)]
    expect(new Set(told).size).toBe(told.length)
    expect(told).toHaveLength((await countAppended(insideOf(lab.oort.platform).store.read)) - 1)
    expect(told.at(-1)).toBe(1)
    expect([...first.entries, ...rest].map(({ ts }) => -ts)).toEqual(
      [...first.entries, ...rest].map(({ ts }) => -ts).toSorted((a, b) => a - b),
    )
  })

  const filters: readonly [string, () => string, (entry: Entry) => boolean][] = [
    ['actor', () => `actor=${admin.userId}`, ({ actorId }) => actorId === admin.userId],
    ['subject', () => `subject=${person.userId}`, ({ subjectId }) => subjectId === person.userId],
    ['action', () => 'action=user.suspended', ({ action }) => action === 'user.suspended'],
    ['target', () => `target=${person.keyIds.openai}`, ({ targetId }) => targetId === person.keyIds.openai],
    [
      'actor and subject',
      () => `actor=${admin.userId}&subject=${person.userId}`,
      ({ actorId, subjectId }) => actorId === admin.userId && subjectId === person.userId,
    ],
  ]

  test.each(filters)('is searched by %s', async (_name, query, matches) => {
    const all = await everything('', 100)
    const wanted = all.filter(matches)
    expect(wanted.length).toBeGreaterThan(0)
    expect(await everything(query(), 100)).toEqual(wanted)
    expect(await everything(query(), 1)).toEqual(wanted)
    expect(await everything(`${query()}&from=0&to=${Date.now() + 1}`, 2)).toEqual(wanted)
    expect(await everything(`${query()}&to=${wanted.at(-1)?.ts}`, 2)).toEqual([])
  })

  test('is searched by time, from the first millisecond up to the last, which is left out', async () => {
    const all = await everything('', 100)
    const [from, to] = [all.at(-4)?.ts ?? 0, all[3]?.ts ?? 0]
    const wanted = all.filter(({ ts }) => ts >= from && ts < to)
    expect(await everything(`from=${from}&to=${to}`, 2)).toEqual(wanted)
    expect((await search(`from=${to}&to=${from}`)).entries).toEqual([])
  })

  test('names who did it and why', async () => {
    const { entries } = await search(`actor=${admin.userId}&action=user.suspended`)
    expect(entries).toMatchObject([
      { subjectId: person.userId, actorKind: 'admin', actorId: admin.userId, detail: { reason: 'abuse' } },
    ])
  })

  test('refuses a cursor that is no entry, and what no id or action looks like', async () => {
    const answers = ['cursor=999999', 'cursor=0', 'cursor=x', 'actor=%25', 'action=a%20b', 'subject=', 'from=x']
    const codes = await Promise.all(
      answers.map(async (query) => codeOf(await admin.browser.get(`/api/admin/audit?${query}`))),
    )
    expect(codes).toEqual(['400 CURSOR_INVALID', ...Array<string>(6).fill('400 BODY_INVALID')])
    expect((await search(`subject=${newId('user')}`)).entries).toEqual([])
  })
})

describe('A2 the verification of the log', () => {
  const verify = () => admin.browser.post('/api/admin/audit/verify')

  /** Rows enough that their verification takes many turns of the event loop. */
  beforeAll(async () => {
    const scope = scopeOf(lab.oort.platform, person.userId)
    const fifty = () =>
      scope.write(async (tx) => {
        for (let at = 0; at < 50; at += 1) await tx.record({ type: 'user.sign_up_repeated' })
      })
    for (let done = 0; done < 200; done += 1) await fifty()
  })

  test('counts rows and chains of a log that holds', async () => {
    const rows = await countAppended(insideOf(lab.oort.platform).store.read)
    const answer = await verify()
    expect([answer.status, answer.json()]).toMatchObject([200, { rows, chains: 2, fault: null }])
  })

  test('goes on one at a time, and lets others be served meanwhile', async () => {
    const ended: string[] = []
    const both = [verify(), verify()].map(async (asked) => {
      const answer = await asked
      ended.push(codeOf(answer))
      return answer
    })
    await Promise.race(both)
    expect((await lab.oort.browser().get('/healthz')).status).toBe(200)
    ended.push('health')
    const answers = await Promise.all(both)
    expect(ended).toEqual(['409 CONFLICT', 'health', '200'])
    expect(answers.find(({ status }) => status === 200)?.json()).toMatchObject({ fault: null })
    expect((await verify()).status).toBe(200)
  })

  // Last: the log does not hold after it.
  test('names the first entry that was changed', async () => {
    const edit = `UPDATE audit_events SET action = 'user.deleted' WHERE subject_id = '${person.userId}' AND seq = 7`
    await tamper(lab.oort.platform, edit)
    const nothing = { rows: null, chains: null, unwitnessed: null }
    const fault = { kind: 'edited', subjectId: person.userId, seq: 7, line: null }
    expect((await verify()).json()).toEqual({ ...nothing, fault })
  })
})
