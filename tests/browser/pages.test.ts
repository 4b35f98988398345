import { afterAll, describe, expect, test } from 'vitest'
import { pages } from '../../functions/web/pages.ts'
import { inspect, openBrowserLab } from './lab.ts'

const lab = await openBrowserLab()
afterAll(() => lab[Symbol.asyncDispose]())

/** Those with a record in their address are looked at where the record is made. */
const whole = pages.filter(({ path }) => !path.includes(':'))

describe('every page is accessible in both themes, fits a phone, and says nothing in the console', () => {
  test.each(whole.map((page) => [page.path, page] as const))('%s', async (_path, page) => {
    await lab.visit(async (visitor) => {
      if (page.for === 'members') await visitor.signIn()
      await visitor.goto(page.path)
      expect(await visitor.page.title()).toBe(page.title)
      await inspect(visitor, page.entry)
    })
  })

  test('an address that has none', async () => {
    await lab.visit(async (visitor) => {
      visitor.allow(/status of 404/)
      await visitor.goto('/nowhere')
      await inspect(visitor, 'not-found')
    })
  })

  test('the first one, for a user who is signed in, with the menus open', async () => {
    await lab.visit(async (visitor) => {
      await visitor.signIn()
      await visitor.goto('/')
      await visitor.page.getByRole('button', { name: /^Account of/ }).click()
      await inspect(visitor, 'home-signed-in')
    })
  })
})

test('a theme that was chosen is remembered, and is there before the page is drawn', async () => {
  await lab.visit(async ({ page, goto }) => {
    const shown = () => page.evaluate('getComputedStyle(document.body).colorScheme')
    await page.emulateMedia({ colorScheme: 'light' })
    await goto('/')
    await page.getByRole('button', { name: 'Use the dark theme' }).click()
    expect(await shown()).toBe('dark')
    await page.goto('/sign-in', { waitUntil: 'commit' })
    await page.locator('body').waitFor({ state: 'attached' })
    expect(await shown()).toBe('dark')
    await page.getByRole('button', { name: 'Use the light theme' }).click()
    expect(await page.evaluate('localStorage.length')).toBe(0)
  })
})

test('a page whose script does not come says so, and can be loaded again', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, allow } = visitor
    await goto('/')
    await page.route('**/assets/sign-up-*.js', (route) => route.abort(), { times: 1 })
    await page.getByRole('main').getByRole('link', { name: 'Open an account' }).first().click()
    await page.getByRole('heading', { name: 'This page did not load' }).waitFor()
    await inspect(visitor, 'broken')
    await page.getByRole('button', { name: 'Load it again' }).click()
    await page.getByRole('heading', { name: 'Open an account' }).waitFor()
    allow(/ERR_FAILED/)
  })
})

test('a menu that was opened while a page is on its way stays open when it comes', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn } = visitor
    await signIn([])
    await goto('/history')
    const held = Promise.withResolvers<void>()
    await page.route('**/assets/usage-*.js', async (route) => {
      await held.promise
      await route.continue()
    })
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Usage' }).click()
    await page.getByRole('button', { name: /^Account of/ }).click()
    held.resolve()
    await page.getByRole('heading', { name: 'Usage', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out.').waitFor()
  })
})

test('keys alone lead past the navigation', async () => {
  await lab.visit(async ({ page, goto }) => {
    await goto('/')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
  })
})
