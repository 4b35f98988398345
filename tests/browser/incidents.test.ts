import { afterAll, expect, test } from 'vitest'
import { openIncident } from '../../core/incidents/open-incident.ts'
import { findIncident } from '../../core/incidents/read-incidents.ts'
import { updateIncident } from '../../core/incidents/update-incident.ts'
import { opening, update } from '../core/incidents/lab.ts'
import { asAdmin } from './as-admin.ts'
import { inspect, openBrowserLab } from './lab.ts'

const lab = await openBrowserLab()
afterAll(() => lab[Symbol.asyncDispose]())

const { platform } = lab.house.oort

test('a notice takes back nothing that another one changed while it was written', async () => {
  const id = await openIncident(platform, 'console', opening)
  await lab.visit(async (visitor) => {
    const { page, goto, allow } = visitor
    await asAdmin(platform, visitor)
    await goto('/admin/incidents')
    await page.getByRole('button', { name: 'Update or close' }).click()
    const dialog = page.getByRole('dialog', { name: 'Publish a notice' })
    await dialog.getByLabel('Notice', { exact: true }).fill('A mend is on its way.')
    await updateIncident(platform, 'console', id, update({ severity: 'SEV1' }))

    allow(/status of 409/)
    await dialog.getByRole('button', { name: 'Publish' }).click()
    await dialog.getByRole('alert').getByText('Another notice was published since.').waitFor()
    await dialog.getByText('We know why.').waitFor()
    expect(await dialog.getByLabel('State').inputValue()).toBe('identified')
    expect(await dialog.getByLabel('Severity').inputValue()).toBe('SEV1')
    await inspect(visitor, 'admin-incident-stale')
    await dialog.getByRole('button', { name: 'Publish' }).click()
    await page.getByRole('article', { name: opening.title }).getByText('A mend is on its way.').waitFor()
    const { severity, state, updates } = await findIncident(platform, id)
    expect([severity, state, updates[0]?.text]).toEqual(['SEV1', 'identified', 'A mend is on its way.'])
  })
})
