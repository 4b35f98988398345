import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { freshEmail } from '../functions/auth/lab.ts'
import { linkIn, startMailServer } from '../support/mail-server.ts'
import { password } from '../support/oort.ts'
import { inspect, openBrowserLab } from './lab.ts'

const lab = await openBrowserLab()
const mail = await startMailServer()
const mailing = await openBrowserLab({ oort: { env: { SMTP_URL: mail.url } } })
afterAll(async () => {
  await Promise.all([lab[Symbol.asyncDispose](), mailing[Symbol.asyncDispose]()])
  await mail.close()
})

describe('without a mail server', () => {
  test('one signs up, out, and in again', async () => {
    const email = freshEmail()
    await lab.visit(async ({ page, goto, allow }) => {
      await goto('/')
      await page.getByRole('main').getByRole('link', { name: 'Open an account' }).first().click()
      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Open the account' }).click()

      await page.getByRole('button', { name: `Account of ${email}` }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${lab.origin}/`)
      await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click()

      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password', { exact: true }).fill('not what it was before')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      expect(await page.getByRole('alert').textContent()).toBe('The e-mail address or the password is wrong.')
      allow(/status of 401/)

      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('button', { name: `Account of ${email}` }).waitFor()
      await page.reload()
      await page.getByRole('button', { name: `Account of ${email}` }).waitFor()
    })
  })

  test('V1 signing out leaves nothing of the account in the page, also when the server cannot be reached', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      for (const reached of [true, false]) {
        const { browser } = await signIn()
        const { email } = (await browser.get('/api/auth/me')).json<{ email: string }>()
        await goto('/account')
        await page.evaluate("sessionStorage.setItem('kept', 'run_1')")
        if (!reached) await page.route('**/api/auth/sign-out', (route) => route.abort())
        // The page that is left stays for as long as the next one takes to come.
        await page.route('**/assets/home-*.js', async (route) => {
          await sleep(500)
          await route.continue()
        })
        await page.getByRole('button', { name: `Account of ${email}` }).click()
        await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click()
        await page.waitForURL(`${lab.origin}/`)
        await page.getByText(reached ? 'You are signed out.' : 'may still be signed in').waitFor()
        expect(await page.content()).not.toContain(email)
        expect(await page.evaluate('sessionStorage.length')).toBe(0)
      }
      allow(/ERR_FAILED/)
    })
  })

  test('what is wrong stands beside its field, which has the focus', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, allow } = visitor
      await goto('/sign-up')
      await page.getByLabel('E-mail address').fill('ben@example.com')
      await page.getByLabel('Password', { exact: true }).fill('too short')
      await page.getByRole('button', { name: 'Open the account' }).click()
      await page.getByText('The password needs at least 15 characters', { exact: true }).waitFor()
      await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('password')
      allow(/status of 422/)
      await inspect(visitor, 'sign-up-refused')
    })
  })

  test('who is signed in has nothing to do at the sign-in page', async () => {
    await lab.visit(async ({ page, signIn }) => {
      await signIn()
      await page.goto(`/sign-in?to=${encodeURIComponent('//evil.example/')}`)
      await page.waitForURL(({ pathname }) => pathname !== '/sign-in')
      expect(new URL(page.url()).origin).toBe(lab.origin)
    })
  })
})

describe('with a mail server', () => {
  /** The mailed link, as it would lead to this Oort. */
  const openLink = (subject: RegExp) => {
    const url = new URL(linkIn(mail.messages.findLast((each) => subject.test(each.subject)) ?? never()).url)
    return url.pathname + url.hash
  }

  test('an account opens by the link and the password, and a forgotten password is replaced', async () => {
    const email = freshEmail()
    const mailed = () => mail.messages.filter(({ to }) => to.includes(email)).length
    await mailing.visit(async (visitor) => {
      const { page, goto } = visitor
      await goto('/sign-up')
      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Open the account' }).click()
      await page.getByRole('heading', { name: 'Look in your mail' }).waitFor()
      await inspect(visitor, 'sign-up-mailed')

      await expect.poll(mailed).toBe(1)
      await page.goto(openLink(/Confirm/))
      await page.getByLabel('Password', { exact: true }).fill(password)
      expect(await page.evaluate('location.hash')).toBe('')
      await page.getByRole('button', { name: 'Confirm' }).click()
      await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor()

      await goto('/reset-password')
      await page.getByLabel('E-mail address').fill(email)
      await page.getByRole('button', { name: 'Send the link' }).click()
      await page.getByRole('status').getByText('a link is on its way').waitFor()

      await expect.poll(mailed).toBe(2)
      await page.goto('about:blank')
      await page.goto(openLink(/Reset/))
      await page.getByLabel('New password', { exact: true }).fill('another horse battery staple')
      await inspect(visitor, 'reset-password-new')
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByRole('heading', { name: 'Your password is changed' }).waitFor()

      await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password', { exact: true }).fill('another horse battery staple')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('button', { name: `Account of ${email}` }).waitFor()
    })
  })
})

function never(): never {
  throw new Error('there is no such mail')
}
