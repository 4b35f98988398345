import { afterAll, expect, test } from 'vitest'
import { openIncident } from '../../core/incidents/open-incident.ts'
import { findIncident } from '../../core/incidents/read-incidents.ts'
import { updateIncident } from '../../core/incidents/update-incident.ts'
import { opening, update } from '../core/incidents/lab.ts'
import { asAdmin, setRole } from './as-admin.ts'
import { inspect, openBrowserLab } from './lab.ts'
import { emailOf, endSession, signInAs } from './signing-in.ts'

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

test('what was written of an incident outlives the session, for the administrator who wrote it', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, allow } = visitor
    allow(/status of 401/)
    const same = await emailOf(await asAdmin(platform, visitor))
    const colleague = await lab.house.person()
    await setRole(platform, colleague, 'admin')
    const dialog = page.getByRole('dialog', { name: 'Open an incident' })
    const open = page.getByRole('button', { name: 'Open an incident' })
    const [title, text] = [dialog.getByLabel('Title'), dialog.getByLabel('First notice')]
    await goto('/admin/incidents')
    await open.click()
    await title.fill('Nobody can sign in')
    for (const [next, found] of [
      [same, 'We are looking into it.'],
      [await emailOf(colleague), ''],
    ] as const) {
      await text.fill('We are looking into it.')
      await endSession(page)
      await dialog.getByRole('button', { name: 'Publish' }).click()
      await page.waitForURL(/\/sign-in\?to=%2Fadmin%2Fincidents$/)
      await signInAs(page, next)
      await page.waitForURL(/\/admin\/incidents$/)
      await open.click()
      expect(await text.inputValue()).toBe(found)
      expect(await title.inputValue()).toBe(found === '' ? '' : 'Nobody can sign in')
    }

    await dialog.getByRole('button', { name: 'Leave it' }).click()
    await page.getByRole('button', { name: 'Update or close' }).first().click()
    const notice = page.getByRole('dialog', { name: 'Publish a notice' })
    await notice.getByLabel('Notice', { exact: true }).fill('It works again.')
    await endSession(page)
    await notice.getByRole('button', { name: 'Publish' }).click()
    await signInAs(page, await emailOf(colleague))
    await page.getByRole('button', { name: 'Update or close' }).first().click()
    expect(await notice.getByLabel('Notice', { exact: true }).inputValue()).toBe('It works again.')
  })
})
