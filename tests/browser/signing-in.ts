import type { Page } from 'playwright-core'
import type { Person } from '../functions/runs/lab.ts'
import { password } from '../support/oort.ts'

export async function emailOf({ browser }: Person): Promise<string> {
  return (await browser.get('/api/auth/me')).json<{ email: string }>().email
}

/** Fills in the form of the sign-in page. */
export async function signInAs(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Ends the browser's session, as time or another tab would: the page does not know. */
export async function endSession(page: Page): Promise<void> {
  await page.evaluate(`fetch('/api/auth/sign-out', { method: 'POST' })`)
}
