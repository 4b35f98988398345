import { expect, test } from 'vitest'
import { password } from '../../support/oort.ts'
import { openLab } from '../runs/lab.ts'
import { act, administrator, codeOf, type Overview } from './lab.ts'

const admins = { role: 'user', reason: 'staffing' } as const

test('the last active administrator is not demoted, not suspended, and does not leave', async () => {
  await using lab = await openLab()
  const [last, suspended] = [await administrator(lab), await administrator(lab)]
  await act(last, suspended, 'suspend', { reason: 'staffing' })
  expect(codeOf(await act(last, last, 'role', admins))).toBe('409 CONFLICT')
  expect(codeOf(await act(last, last, 'suspend', { reason: 'staffing' }))).toBe('409 CONFLICT')
  expect(codeOf(await last.browser.send('DELETE', '/api/auth/account', { body: { password } }))).toBe('409 CONFLICT')
  const facts = (await last.browser.get(`/api/admin/users/${last.userId}`)).json<Overview>()
  expect(facts).toMatchObject({ role: 'admin', status: 'active', providerKeys: 3, apiKeys: 1, sessions: 1 })

  // With another one in charge, all of it is possible.
  await act(last, suspended, 'unsuspend', { reason: 'staffing' })
  expect((await last.browser.send('DELETE', '/api/auth/account', { body: { password } })).status).toBe(200)
})

test('Z2 of two administrators who demote each other at once one stays, however often', async () => {
  await using lab = await openLab()
  for (let round = 0; round < 10; round += 1) {
    const [one, two] = [await administrator(lab), await administrator(lab)]
    const answers = await Promise.all([act(one, two, 'role', admins), act(two, one, 'role', admins)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
    const still = await Promise.all([one, two].map(({ browser }) => browser.get('/api/admin/users?role=admin')))
    expect(still.map(({ status }) => status).sort()).toEqual([200, 403])
    const left = still.find(({ status }) => status === 200)?.json<{ users: Overview[] }>().users
    expect(left).toHaveLength(round + 1)
  }
})
