import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { day, minute } from '../../core/clock.ts'
import { openIncident } from '../../core/incidents/open-incident.ts'
import { adminPages } from '../../functions/admin/pages.ts'
import { opening } from '../core/incidents/lab.ts'
import { paymentsEnv, post, prices, secrets, sign } from '../functions/payments/lab.ts'
import { password } from '../support/oort.ts'
import { startStripeEmulator } from '../support/stripe-emulator/stripe-emulator.ts'
import { asAdmin, setRole } from './as-admin.ts'
import { inspect, openBrowserLab } from './lab.ts'
import { emailOf, signInAs } from './signing-in.ts'

let ahead = 0
const clock = () => Date.now() + ahead
const stripe = await startStripeEmulator({ secretKey: secrets.key, prices: Object.values(prices), clock })
const lab = await openBrowserLab({ oort: { clock, env: paymentsEnv(stripe.origin) } })
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await stripe.close()
})

const { oort } = lab.house

/** An incident whose notice is late, and a payment event of a customer whom nobody is. */
beforeAll(async () => {
  ahead = -3 * day
  await openIncident(oort.platform, 'console', opening)
  ahead = 0
  const { id } = stripe.books.createCustomer({}) as { id: string }
  stripe.books.subscribe(id, prices.pro)
  for (const { payload } of stripe.books.events.slice(-2)) {
    expect((await post(oort.origin, payload, sign(payload, { now: clock() }))).status).toBe(200)
  }
})

describe('every page for administrators is accessible in both themes, fits a phone, and says nothing in the console', () => {
  test.each(adminPages.map((page) => [page.path, page] as const))('%s', async (path, page) => {
    const other = await lab.house.person()
    await lab.visit(async (visitor) => {
      await asAdmin(oort.platform, visitor)
      await visitor.goto(path.replace(':userId', other.userId))
      expect(await visitor.page.title()).toBe(page.title)
      await inspect(visitor, `admin-${page.entry}`)
    })
  })
})

test('Z2 the next page after the role was taken away is refused, and one is led back after signing in', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, allow } = visitor
    await page.goto('/admin/health')
    await page.waitForURL(/\/sign-in\?to=%2Fadmin%2Fhealth$/)
    const person = await lab.house.person()
    await setRole(oort.platform, person, 'admin')
    await signInAs(page, await emailOf(person))
    await page.getByRole('heading', { name: 'Health' }).waitFor()

    await page.getByRole('button', { name: /^Account of/ }).click()
    await page.getByRole('link', { name: 'Administration' }).click()
    await page.getByRole('heading', { name: 'Administration' }).waitFor()
    await setRole(oort.platform, person, 'user')
    allow(/status of 403/)
    await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Accounts' }).click()
    await page.getByRole('heading', { name: 'This page is for administrators' }).waitFor()
    await inspect(visitor, 'admin-refused')
    await goto('/')
    await page.getByRole('button', { name: /^Account of/ }).click()
    expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0)
  })
})

test('signing in leads to a page of administrators, and to no other site', async () => {
  await lab.visit(async (visitor) => {
    await asAdmin(oort.platform, visitor)
    const { page } = visitor
    for (const [to, path] of [
      ['/admin/audit?action=user.suspended', '/admin/audit'],
      ['/.//elsewhere.example/admin', '/playground'],
      ['//elsewhere.example/admin', '/playground'],
    ] as const) {
      await page.goto(`/sign-in?${new URLSearchParams({ to })}`)
      await page.waitForURL(({ pathname }) => pathname === path)
      expect(new URL(page.url()).origin).toBe(lab.origin)
    }
  })
})

test('an account is found by its whole address, suspended with a reason after a proof, and its log tells so', async () => {
  const other = await lab.house.person()
  await lab.visit(async (visitor) => {
    const { page, goto, allow } = visitor
    await asAdmin(oort.platform, visitor)
    await goto('/admin/users')
    await page.getByLabel('Id or whole e-mail address').fill('nobody@example.com')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('heading', { name: 'No such account' }).waitFor()
    await page.getByLabel('Id or whole e-mail address').fill(await emailOf(other))
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: other.userId }).click()
    await page.getByRole('heading', { name: 'Account' }).waitFor()
    expect(page.url()).not.toContain('example.com')

    ahead += 16 * minute
    allow(/status of 40[13]/)
    await page.getByRole('button', { name: 'Suspend' }).click()
    await page.getByLabel('Reason').selectOption('abuse')
    await inspect(visitor, 'admin-suspend')
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click()
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('Suspended', { exact: true }).waitFor()
    expect((await other.browser.get('/api/auth/me')).status).toBe(401)

    await page.getByRole('link', { name: 'What its audit log holds' }).click()
    await page.getByText('user.suspended').waitFor()
    await page.getByText('reason: abuse').waitFor()
    await page.getByLabel('Action').fill('user.suspended')
    await page.getByRole('button', { name: 'Search' }).click()
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
    await page.getByRole('button', { name: 'Verify the log' }).click()
    await page.getByText('The log is whole').waitFor()
    await inspect(visitor, 'admin-audit-verified')
  })
})

test('an incident is opened, told of and closed; what is overdue says so', async () => {
  const title = `Nobody can sign in (${randomUUID()})`
  await lab.visit(async (visitor) => {
    const { page, goto } = visitor
    await asAdmin(oort.platform, visitor)
    await goto('/admin/incidents')
    const late = page.getByRole('article', { name: opening.title })
    await late.getByText('Overdue').waitFor()
    await page.getByRole('button', { name: 'Open an incident' }).click()
    const dialog = page.getByRole('dialog', { name: 'Open an incident' })
    await dialog.getByLabel('Severity').selectOption('SEV1')
    await dialog.getByText('First notice within 1 hour, then one every 2 hours').waitFor()
    await dialog.getByLabel('Title').fill(title)
    await dialog.getByLabel('API and pages').check()
    await dialog.getByLabel('First notice').fill('We are looking into it.')
    await inspect(visitor, 'admin-incident-open')
    await dialog.getByRole('button', { name: 'Publish' }).click()

    const own = page.getByRole('article', { name: title })
    await own.getByText('We are looking into it.').waitFor()
    await own.getByRole('button', { name: 'Update or close' }).click()
    const update = page.getByRole('dialog', { name: 'Publish a notice' })
    await update.getByLabel('State').selectOption('resolved')
    await update.getByLabel('Notice', { exact: true }).fill('It works again.')
    await inspect(visitor, 'admin-incident-update')
    await update.getByRole('button', { name: 'Publish' }).click()
    await own.getByText('Over', { exact: true }).first().waitFor()
    await own.getByText(/Post-mortem due/).waitFor()
    await inspect(visitor, 'admin-incidents-two')
  })
})

test('a parked payment takes effect for the account that is named', async () => {
  const customer = await lab.house.person()
  await lab.visit(async (visitor) => {
    const { page, goto, allow } = visitor
    await asAdmin(oort.platform, visitor)
    await goto('/admin/payments')
    const before = await page.locator('tbody tr').count()
    await page.getByRole('button', { name: 'Replay' }).last().click()
    const dialog = page.getByRole('dialog', { name: 'Let this event take effect?' })
    allow(/status of 409/)
    await dialog.getByRole('button', { name: 'Let it take effect' }).click()
    await dialog.getByText('Nobody is this customer: name the user.').waitFor()
    await inspect(visitor, 'admin-replay-refused')
    await dialog.getByLabel('Account').fill(customer.userId)
    await dialog.getByRole('button', { name: 'Let it take effect' }).click()
    await expect.poll(() => page.locator('tbody tr').count()).toBe(before - 1)
    const { text } = await customer.browser.get('/api/auth/audit')
    expect(text).toContain('billing.linked')
  })
})
