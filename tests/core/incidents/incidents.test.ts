import { afterAll, describe, expect, test } from 'vitest'
import { hour, minute } from '../../../core/clock.ts'
import type { ErrorCode } from '../../../core/errors.ts'
import { newId } from '../../../core/ids.ts'
import { newIncident, newUpdate } from '../../../core/incidents/notices.ts'
import { openIncident } from '../../../core/incidents/open-incident.ts'
import { findIncident, incidentRecord, listIncidents } from '../../../core/incidents/read-incidents.ts'
import { incidentStates } from '../../../core/incidents/terms.ts'
import { updateIncident } from '../../../core/incidents/update-incident.ts'
import { insideOf } from '../../../core/platform.ts'
import { auditEvents, incidents, incidentUpdates } from '../../../core/store/schema.ts'
import { refusing } from '../../support/behind-the-store.ts'
import { adminIn, houseChain, opening, openLab, update } from './lab.ts'

const lab = await openLab()
afterAll(() => lab.close())
const { platform } = lab

const refused = (doing: Promise<unknown>, code: ErrorCode) => expect(doing).rejects.toMatchObject({ code })

test('an incident is told of from its opening to its end, and its notices stay as they were published', async () => {
  const startedAt = lab.now() - 10 * minute
  const id = await openIncident(platform, 'console', { ...opening, startedAt })
  expect(await findIncident(platform, id)).toMatchObject({ id, state: 'investigating', startedAt, resolvedAt: null })

  lab.pass(hour)
  await updateIncident(platform, 'console', id, update({ state: 'identified', severity: 'SEV1' }))
  lab.pass(hour)
  const end = lab.now()
  await updateIncident(platform, 'console', id, update({ state: 'resolved', text: 'It is over.' }))
  lab.pass(hour)
  const postMortemUrl = 'https://oort.example/blog/what-happened'
  await updateIncident(platform, 'console', id, update({ state: 'resolved', text: 'What happened.', postMortemUrl }))

  const incident = await findIncident(platform, id)
  expect(incidentRecord.parse(incident)).toEqual(incident)
  expect(incident).toMatchObject({ severity: 'SEV1', state: 'resolved', resolvedAt: end, postMortemUrl })
  expect(incident.updates.map(({ state, text, at }) => [state, text, at - end])).toEqual([
    ['resolved', 'What happened.', hour],
    ['resolved', 'It is over.', 0],
    ['identified', 'We know why.', -hour],
    ['investigating', opening.text, -2 * hour],
  ])
})

describe('each change stands in the chain of the house, in the transaction that makes it', () => {
  test('with who made it, and without a word of what was written', async () => {
    const authority = await adminIn(platform, await lab.user())
    const before = (await houseChain(platform)).length
    const id = await openIncident(platform, authority, opening)
    await updateIncident(platform, 'console', id, update({ severity: 'SEV3' }))
    const byConsole = { actorKind: 'system', actorId: 'console', requestId: expect.stringMatching(/^req_/) }
    expect((await houseChain(platform)).slice(before)).toEqual([
      {
        action: 'incident.opened',
        targetId: id,
        detail: { severity: 'SEV2' },
        actorKind: 'admin',
        actorId: authority.admin.adminId,
        requestId: 'req_admin',
      },
      { action: 'incident.updated', targetId: id, detail: { state: 'identified', severity: 'SEV3' }, ...byConsole },
    ])
  })

  test('so that neither is there where the event cannot be written', async () => {
    const { read } = insideOf(platform).store
    const rows = () => Promise.all([incidents, incidentUpdates].map((table) => read.$count(table)))
    const id = await openIncident(platform, 'console', opening)
    const before = [await findIncident(platform, id), await rows()]
    await refusing(platform, 'INSERT ON audit_events', async () => {
      await expect(openIncident(platform, 'console', opening)).rejects.toThrow()
      await expect(updateIncident(platform, 'console', id, update({}))).rejects.toThrow()
    })
    expect([await findIncident(platform, id), await rows()]).toEqual(before)
  })
})

test('Z2 an administrator whose role was taken away since writes nothing', async () => {
  const user = await lab.user()
  const authority = await adminIn(platform, user)
  const id = await openIncident(platform, authority, opening)
  await user.write((tx) =>
    tx.updateProfile({ role: 'user' }, { type: 'user.role_changed', role: 'user', reason: 'test' }),
  )
  await refused(openIncident(platform, authority, opening), 'FORBIDDEN')
  await refused(updateIncident(platform, authority, id, update({})), 'FORBIDDEN')
  expect((await findIncident(platform, id)).updates).toHaveLength(1)
})

describe('an incident goes only where it can', () => {
  const open = incidentStates.filter((state) => state !== 'resolved')
  test.each(open.flatMap((from) => incidentStates.map((to) => [from, to] as const)))('%s → %s', async (from, to) => {
    const id = await openIncident(platform, 'console', { ...opening, state: from as 'identified' })
    await updateIncident(platform, 'console', id, update({ state: to }))
    expect(await findIncident(platform, id)).toMatchObject({
      state: to,
      resolvedAt: to === 'resolved' ? lab.now() : null,
    })
  })

  test.each(open)('but never from resolved → %s, and its end stays', async (to) => {
    const id = await openIncident(platform, 'console', opening)
    await updateIncident(platform, 'console', id, update({ state: 'resolved' }))
    const { resolvedAt } = await findIncident(platform, id)
    lab.pass(hour)
    await refused(updateIncident(platform, 'console', id, update({ state: to })), 'CONFLICT')
    await updateIncident(platform, 'console', id, update({ state: 'resolved' }))
    expect(await findIncident(platform, id)).toMatchObject({ state: 'resolved', resolvedAt })
  })

  test('and has a post-mortem once it is over', async () => {
    const id = await openIncident(platform, 'console', opening)
    const early = update({ state: 'monitoring', postMortemUrl: 'https://oort.example/early' })
    await refused(updateIncident(platform, 'console', id, early), 'CONFLICT')
    expect((await findIncident(platform, id)).updates).toHaveLength(1)
  })

  test('nowhere, where there is none', async () => {
    await refused(updateIncident(platform, 'console', newId('incident'), update({})), 'NOT_FOUND')
    await refused(findIncident(platform, newId('incident')), 'NOT_FOUND')
  })
})

test('a notice whose writer has not seen the newest one is refused, and one leaves the severity as another set it', async () => {
  const id = await openIncident(platform, 'console', opening)
  const newest = async () => (await findIncident(platform, id)).updates[0]?.id
  const newestSeen = await newest()
  await updateIncident(platform, 'console', id, update({ severity: 'SEV1', newestSeen }))
  await refused(updateIncident(platform, 'console', id, update({ state: 'monitoring', newestSeen })), 'CONFLICT')
  expect(await findIncident(platform, id)).toMatchObject({ state: 'identified', updates: { length: 2 } })

  await updateIncident(platform, 'console', id, update({ state: 'monitoring', newestSeen: await newest() }))
  expect(await findIncident(platform, id)).toMatchObject({ state: 'monitoring', severity: 'SEV1' })
})

test('a beginning that is yet to come is refused, beyond what clocks differ', async () => {
  await refused(openIncident(platform, 'console', { ...opening, startedAt: lab.now() + hour }), 'BODY_INVALID')
  const id = await openIncident(platform, 'console', { ...opening, startedAt: lab.now() + minute })
  expect((await findIncident(platform, id)).startedAt).toBe(lab.now())
})

test('the list is newest first, page by page', async () => {
  const ids = [await openIncident(platform, 'console', opening), await openIncident(platform, 'console', opening)]
  const [newest, older] = await listIncidents(platform, { before: undefined, limit: 2 })
  expect(new Set([newest?.id, older?.id])).toEqual(new Set(ids))
  const rest = await listIncidents(platform, { before: older?.id, limit: 1_000 })
  const { store } = insideOf(platform)
  expect(rest.length).toBe(
    (await store.read.select().from(auditEvents)).filter(({ action }) => action === 'incident.opened').length - 2,
  )
})

describe('what everybody will read is plain text', () => {
  const wrong = [
    '',
    '  ',
    'a\u0000b',
    'a\u202eb',
    'a\u001bb',
    'x'.repeat(5_000),
    'the key sk-proj-0123456789abcdefghij leaked',
  ]
  test.each(wrong)('so %j is refused', (text) => {
    expect(newIncident.safeParse({ ...opening, text }).success).toBe(false)
    expect(newIncident.safeParse({ ...opening, title: text }).success).toBe(false)
    expect(newUpdate.safeParse({ state: 'identified', text }).success).toBe(false)
  })

  test('with line feeds in a notice, and none in a title', () => {
    expect(newIncident.parse({ ...opening, text: 'One.\n\nTwo — ✓ & <b>.' }).text).toBe('One.\n\nTwo — ✓ & <b>.')
    expect(newIncident.safeParse({ ...opening, title: 'One.\nTwo.' }).success).toBe(false)
  })

  test.each(['http://oort.example', 'javascript:alert(1)', 'https://name@oort.example', 'oort.example', 'data:,x'])(
    'and %s is no place of a post-mortem',
    (postMortemUrl) => {
      expect(newUpdate.safeParse({ state: 'resolved', text: 'x', postMortemUrl }).success).toBe(false)
    },
  )

  test('an incident begins unresolved, in parts that exist, each named once', () => {
    for (const wrongly of [
      { state: 'resolved' },
      { components: [] },
      { components: ['api', 'api'] },
      { components: ['moon'] },
    ]) {
      expect(newIncident.safeParse({ ...opening, ...wrongly }).success).toBe(false)
    }
  })
})
