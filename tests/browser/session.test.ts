import type { Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { totpCode } from '../functions/auth/lab.ts'
import { password } from '../support/oort.ts'
import { inspect, openBrowserLab } from './lab.ts'
import { button, prompt } from './playground.ts'
import { emailOf, endSession, signInAs } from './signing-in.ts'

let ahead = 0
const clock = () => Date.now() + ahead
const lab = await openBrowserLab({ oort: { clock } })
afterAll(() => lab[Symbol.asyncDispose]())

const me = '**/api/auth/me'

/** No tab is ever hidden in a browser without a screen: the page is told what it would be told. */
const comeBack = (page: Page) => page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`)

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
      await dialog.getByLabel('Code', { exact: true }).fill(totpCode(secret, clock()))
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

describe('a page that was open while something happened at another one', () => {
  test('shows nothing of an account in whose place another one has signed in, and does nothing in its name', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      allow(/status of 409/)
      const ann = await emailOf(await signIn([]))
      await goto('/keys')
      await page.getByRole('button', { name: `Account of ${ann}` }).waitFor()
      const ben = await emailOf(await signIn(['openai']))
      await comeBack(page)
      await page.getByRole('button', { name: `Account of ${ben}` }).waitFor()
      expect(await page.getByRole('button', { name: `Account of ${ann}` }).count()).toBe(0)
      await page.getByRole('heading', { name: 'OpenAI' }).waitFor()
    })
  })

  test('does nothing to an account that it does not show, also before somebody comes back to it', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      allow(/status of 409/)
      await signIn()
      await goto('/playground')
      await page.getByLabel('Prompt', { exact: true }).fill(prompt)
      const ben = await signIn()
      await button(page, 'Run').click()
      await page.getByRole('button', { name: `Account of ${await emailOf(ben)}` }).waitFor()
      expect((await ben.browser.get('/api/runs')).json()).toMatchObject({ runs: [] })
    })
  })

  test('leads to signing in once its session has ended there', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      allow(/status of 401/)
      const { browser } = await signIn([])
      await goto('/keys')
      await browser.post('/api/auth/sign-out')
      await comeBack(page)
      await page.waitForURL(/\/sign-in\?to=%2Fkeys$/)
    })
  })

  test('asks for the code of a second factor that was set up there', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      allow(/status of 401/)
      const { browser } = await signIn([])
      await goto('/account')
      const { secret } = (await browser.post('/api/auth/second-factor', { password })).json<{ secret: string }>()
      await browser.post('/api/auth/second-factor/confirm', { code: totpCode(secret, clock()) })
      await page.getByLabel('Password now', { exact: true }).fill(password)
      await page.getByLabel('New password', { exact: true }).fill('another horse battery staple')
      await page.getByRole('button', { name: 'Change the password' }).click()
      ahead += 60_000
      await page.getByLabel('Code', { exact: true }).fill(totpCode(secret, clock()))
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByText('Your password is changed').waitFor()
    })
  })
})

test('a prompt outlives the session in which it was typed, for the account that typed it and in no store', async () => {
  await lab.visit(async ({ page, goto, signIn, allow }) => {
    allow(/status of 401/)
    const text = page.getByLabel('Prompt', { exact: true })
    const same = await emailOf(await signIn())
    const other = await emailOf(await lab.house.person())
    await goto('/playground')
    for (const [next, found] of [
      [same, prompt],
      [other, ''],
    ] as const) {
      await text.fill(prompt)
      await endSession(page)
      await button(page, 'Run').click()
      await page.waitForURL(/\/sign-in\?to=%2Fplayground$/)
      expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain('night sky')
      await signInAs(page, next)
      await page.waitForURL(/\/playground$/)
      await page.getByText('Answers appear here').waitFor()
      expect(await text.inputValue()).toBe(found)
    }
  })
})

test('signing out lets nothing of the account come back by a look-up that was under way', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    const { browser } = await signIn([])
    const { text } = await browser.get('/api/auth/me')
    const { email } = JSON.parse(text) as { readonly email: string }
    await goto('/keys')
    const signedOut = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    await page.route(me, async (route) => {
      asked.resolve()
      await signedOut.promise
      await route.fulfill({ body: text, contentType: 'application/json' })
    })
    const answered = page.waitForResponse(me)
    await comeBack(page)
    await asked.promise
    await page.getByRole('button', { name: `Account of ${email}` }).click()
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out.').waitFor()
    signedOut.resolve()
    await (await answered).finished()
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor()
    expect(await page.content()).not.toContain(email)
  })
})
