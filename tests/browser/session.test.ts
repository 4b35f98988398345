import { afterAll, describe, expect, test } from 'vitest'
import { totpCode } from '../functions/auth/lab.ts'
import { password } from '../support/oort.ts'
import { inspect, openBrowserLab } from './lab.ts'

const lab = await openBrowserLab()
afterAll(() => lab[Symbol.asyncDispose]())

const me = '**/api/auth/me'

describe('who is there cannot be told', () => {
  test('on a first load, so nobody is sent to sign in, and it can be asked again', async () => {
    await lab.visit(async (visitor) => {
      const { page, signIn, allow } = visitor
      await signIn()
      allow(/ERR_FAILED|status of 503/)
      await page.route(me, (route) => route.abort())
      await page.goto('/account')
      await page.getByRole('heading', { name: 'We could not look up who you are' }).waitFor()
      await inspect(visitor, 'who-is-there')
      await page.route(me, (route) => route.fulfill({ status: 503, json: { code: 'SHUTTING_DOWN', title: 'Later' } }))
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('Later.').waitFor()
      await page.unroute(me)
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('heading', { name: 'Account', exact: true }).waitFor()
    })
  })

  test('while recovery codes are shown, so they stay', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      await signIn([])
      await goto('/account')
      await page.getByRole('button', { name: 'Set up' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Password', { exact: true }).fill(password)
      await dialog.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('button', { name: 'Show the secret as text' }).click()
      const secret = ((await page.locator('.totp-secret code').textContent()) ?? '').replaceAll(' ', '')

      allow(/ERR_FAILED/)
      await page.route(me, (route) => route.abort())
      await dialog.getByLabel('Code', { exact: true }).fill(totpCode(secret, Date.now()))
      await dialog.getByRole('button', { name: 'Confirm' }).click()
      const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
      await expect.poll(() => codes.count()).toBe(10)
      await page.getByText('10 unused.').waitFor()
      expect(new URL(page.url()).pathname).toBe('/account')
      await page.getByRole('button', { name: 'I have kept them' }).click()
      await page.getByText('Signing in with the password takes a code.').waitFor()
    })
  })
})
