import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { inspect, openBrowserLab } from './lab.ts'
import { answers, ask, button, choose, output, prompt, shows } from './playground.ts'

const lab = await openBrowserLab({ emulator: { pace: 15 } })
const { emulator } = lab.house
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => emulator.reset())

describe('what goes wrong is said where it happens', () => {
  test('a refused key leads to the keys', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn, allow } = visitor
      await signIn()
      emulator.script('openai', 'error-401')
      await goto('/playground')
      await choose(page, 'gpt-5.4', 'claude-sonnet-5')
      await ask(page, prompt)
      await answers(page).getByRole('alert').getByRole('link', { name: 'Look at your keys' }).waitFor()
      await shows(page, 'Done').waitFor()
      await inspect(visitor, 'playground-refused')
      allow(/status of 4\d\d/)
    })
  })

  test('a limited rate says how long to wait, and can then be tried again', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      await signIn()
      emulator.script('openai', 'error-429-for-long')
      await goto('/playground')
      await choose(page, 'gpt-5.4')
      await page.clock.install()
      await ask(page, prompt)
      await page.getByRole('button', { name: /^Try again in \d+ s$/ }).waitFor()
      await page.clock.fastForward(61_000)
      await button(page, 'Try again').click()
      await page.clock.runFor(1_000)
      await shows(page, 'Done').waitFor()
      allow(/status of 429/)
    })
  })

  test('a used-up plan leads to the plan', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      await signIn()
      await goto('/playground')
      await page.route('**/api/runs/compare', (route) =>
        route.fulfill({
          status: 402,
          contentType: 'application/problem+json',
          json: { code: 'PLAN_LIMIT_REACHED', detail: 'Your plan has 200 runs a month.' },
        }),
      )
      await choose(page, 'gpt-5.4', 'claude-sonnet-5')
      await ask(page, prompt)
      const alert = page.getByRole('alert')
      await alert.getByText('Your plan has 200 runs a month.').waitFor()
      expect(await alert.getByRole('link').getAttribute('href')).toBe('/plan')
      allow(/status of 402/)
    })
  })

  test('an answer that breaks off keeps what came', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      await signIn()
      emulator.script('openai', 'stream-hangup')
      await goto('/playground')
      await choose(page, 'gpt-5.4')
      await ask(page, prompt)
      await shows(page, 'Failed').waitFor()
      await page.getByRole('alert').waitFor()
      expect(await output(page, 'gpt-5.4').textContent()).toMatch(/^You said:/)
    })
  })

  test('without a key there is a way to one', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn } = visitor
      await signIn([])
      await goto('/playground')
      expect(await page.getByRole('main').getByRole('link').getAttribute('href')).toBe('/keys')
      await inspect(visitor, 'playground-without-key')
    })
  })
})
