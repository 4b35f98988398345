import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hour } from '../../../core/clock.ts'
import { newId } from '../../../core/ids.ts'
import type { IncidentRecord } from '../../../core/incidents/read-incidents.ts'
import { houseChain } from '../../core/incidents/lab.ts'
import type { Browser } from '../../support/browser.ts'
import { startOort } from '../../support/oort.ts'
import { scopeOf, userByEmail } from '../../support/seed.ts'

let now = Date.now()
const oort = await startOort({ clock: () => now })
afterAll(() => oort.close())

let admin: Browser
beforeAll(async () => {
  const browser = await oort.signedIn()
  const userId = await userByEmail(oort.platform, browser.email)
  await scopeOf(oort.platform, userId).write((tx) =>
    tx.updateProfile({ role: 'admin' }, { type: 'user.role_changed', role: 'admin', reason: 'test' }),
  )
  admin = browser
})

const opening = {
  severity: 'SEV2',
  title: 'Runs with OpenAI fail',
  components: ['openai'],
  text: 'Runs with OpenAI have been failing for some minutes.',
}

const open = async (given: object = {}) => admin.post('/api/admin/incidents', { ...opening, ...given })
const update = (id: string, body: object) => admin.post(`/api/admin/incidents/${id}/updates`, body)

test('an administrator opens an incident, tells of it, and ends it', async () => {
  const opened = await open()
  expect(opened.status).toBe(201)
  const { id } = opened.json<IncidentRecord>()
  expect(opened.json()).toMatchObject({
    severity: 'SEV2',
    title: opening.title,
    components: ['openai'],
    state: 'investigating',
    startedAt: now,
    resolvedAt: null,
    nextUpdateDueAt: now + 8 * hour,
    postMortemDueAt: null,
    overdue: [],
    updates: [{ state: 'investigating', text: opening.text, at: now }],
  })
  now += hour
  const ended = await update(id, { state: 'resolved', text: 'It is over.', severity: 'SEV1' })
  expect([ended.status, ended.json()]).toEqual([
    201,
    expect.objectContaining({ id, severity: 'SEV1', state: 'resolved', resolvedAt: now, nextUpdateDueAt: null }),
  ])
  expect((await houseChain(oort.platform)).slice(-2)).toEqual([
    expect.objectContaining({ action: 'incident.opened', targetId: id, actorKind: 'admin' }),
    expect.objectContaining({ action: 'incident.updated', targetId: id, requestId: ended.headers.get('x-request-id') }),
  ])
})

test('the list tells what is late', async () => {
  const { id } = (await open()).json<IncidentRecord>()
  now += 8 * hour + 1
  const { incidents } = (await admin.get('/api/admin/incidents?limit=1')).json<{ incidents: IncidentRecord[] }>()
  expect(incidents).toEqual([expect.objectContaining({ id, overdue: ['update'] })])
})

test('the list goes on from its cursor, once over each', async () => {
  await open()
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`
    const page = await admin.get(`/api/admin/incidents?limit=1${query}`)
    const { incidents, nextCursor } = page.json<{ incidents: IncidentRecord[]; nextCursor: string | null }>()
    seen.push(...incidents.map(({ id }) => id))
    cursor = nextCursor
  }
  const all = (await admin.get('/api/admin/incidents')).json<{ incidents: IncidentRecord[] }>().incidents
  expect(seen).toEqual(all.map(({ id }) => id))
  expect(seen.length).toBeGreaterThan(2)
})

describe('is refused', () => {
  test('what cannot be', async () => {
    const { id, updates } = (await open()).json<IncidentRecord>()
    await update(id, { state: 'resolved', text: 'It is over.' })
    const late = await update(id, { state: 'resolved', text: 'It is over.', newestSeen: updates[0]?.id })
    expect([late.status, late.json()['code']]).toEqual([409, 'CONFLICT'])
    const again = await update(id, { state: 'monitoring', text: 'Or not.' })
    expect([again.status, again.json()['code']]).toEqual([409, 'CONFLICT'])
    const absent = await update(newId('incident'), { state: 'resolved', text: 'x' })
    expect([absent.status, absent.json()['code']]).toEqual([404, 'NOT_FOUND'])
    expect((await open({ startedAt: now + hour })).json()).toMatchObject({ issues: [{ pointer: '/startedAt' }] })
  })

  test.each([
    [{ severity: 'SEV5' }, '/severity'],
    [{ title: 'a\nb' }, '/title'],
    [{ components: ['moon'] }, '/components/0'],
    [{ text: 'sk-proj-0123456789abcdefghijklmnop' }, '/text'],
    [{ createdAt: 0 }, ''],
    [{ postMortemUrl: 'https://oort.example' }, ''],
  ])('%j', async (given, pointer) => {
    const answer = await open(given)
    expect([answer.status, answer.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'BODY_INVALID', issues: [expect.objectContaining({ pointer })] }),
    ])
  })
})
