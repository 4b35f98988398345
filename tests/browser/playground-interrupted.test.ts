import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { openBrowserLab } from './lab.ts'
import { answers, ask, button, choose, output, prompt, said, shows, words } from './playground.ts'

const lab = await openBrowserLab({ emulator: { pace: 15 } })
const { emulator } = lab.house
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => emulator.reset())

describe('a run is stopped', () => {
  test('within its answer, of which the rest stays', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      await signIn()
      emulator.script('openai', 'slow')
      await goto('/playground')
      await choose(page, 'gpt-5.4')
      await ask(page, words(400))
      await output(page, 'gpt-5.4').getByText('You said').waitFor()
      await answers(page).getByRole('button', { name: 'Stop' }).click()
      await shows(page, 'Stopped').waitFor()
      expect(await output(page, 'gpt-5.4').textContent()).toMatch(/^You said:/)
      expect(await emulator.requests.at(-1)?.ended).toBe('abandoned')
    })
  })

  test('before its answer has begun', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      await signIn()
      emulator.script('openai', 'silence')
      await goto('/playground')
      await choose(page, 'gpt-5.4')
      await ask(page, prompt)
      await expect.poll(() => emulator.requests.length).toBe(1)
      await page.keyboard.press('Escape')
      await shows(page, 'Stopped').waitFor()
      expect(await emulator.requests.at(-1)?.ended).toBe('abandoned')
      allow(/status of 409/)
    })
  })

  test('by the next one, which takes its place', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      await signIn()
      emulator.script('openai', 'stall')
      await goto('/playground')
      await choose(page, 'gpt-5.4')
      await ask(page, prompt)
      await output(page, 'gpt-5.4').getByText('You said').waitFor()
      const [first] = emulator.requests
      await ask(page, 'hello comet')
      await shows(page, 'Done').waitFor()
      expect(await output(page, 'gpt-5.4').textContent()).toBe('You said: hello comet')
      expect(await first?.ended).toBe('abandoned')
    })
  })

  test('alone, while the one beside it goes on', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      await signIn()
      emulator.script('openai', 'stall')
      await goto('/playground')
      await choose(page, 'gpt-5.4', 'claude-sonnet-5')
      await ask(page, prompt)
      const stalled = answers(page).filter({ hasText: 'gpt-5.4' })
      await stalled.getByText('Answering').waitFor()
      await stalled.getByRole('button', { name: 'Stop' }).click()
      await shows(page, 'Stopped').waitFor()
      await shows(page, 'Done').waitFor()
      expect(await output(page, 'claude-sonnet-5').textContent()).toBe(said)
    })
  })
})

describe('a page that is loaded anew', () => {
  test('finds a run in the middle of its answer, and follows it to its end', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      await signIn()
      emulator.script('openai', 'slow')
      await goto('/playground')
      await choose(page, 'gpt-5.4')
      await ask(page, prompt)
      await output(page, 'gpt-5.4').getByText('You said').waitFor()
      expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain('Oort cloud')
      await page.reload()
      await output(page, 'gpt-5.4').getByText('You said').waitFor()
      expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe(prompt)
      await shows(page, 'Answering').waitFor()
      await shows(page, 'Done').waitFor()
      expect(await output(page, 'gpt-5.4').textContent()).toBe(said)
      expect(emulator.requests).toHaveLength(1)
    })
  })

  test('finds each of a comparison, those whose answer has not begun among them', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      await signIn()
      emulator.script('openai', 'silence')
      emulator.script('anthropic', 'slow')
      await goto('/playground')
      await choose(page, 'gpt-5.4', 'claude-sonnet-5', 'gpt-oss-120b')
      await ask(page, prompt)
      await shows(page, 'Done').waitFor()
      await page.reload()
      await expect
        .poll(() => answers(page).getByRole('heading').allTextContents())
        .toEqual(['gpt-5.4', 'claude-sonnet-5', 'gpt-oss-120b'])
      await expect.poll(() => shows(page, 'Done').count()).toBe(2)
      await button(page, 'Stop').first().click()
      await shows(page, 'Stopped').waitFor()
    })
  })

  test('leaves its place to what is asked before it has found what was there', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      await signIn()
      await goto('/playground')
      await choose(page, 'gpt-5.4')
      await ask(page, prompt)
      await shows(page, 'Done').waitFor()
      const asked = Promise.withResolvers<void>()
      const before = /\/api\/runs\/run_[^/]+$/
      await page.route(before, async (route) => {
        await asked.promise
        await route.continue()
      })
      const found = page.waitForResponse(before)
      await page.reload()
      emulator.script('openai', 'slow')
      await ask(page, words(8))
      await output(page, 'gpt-5.4').getByText('You said: word0').waitFor()
      asked.resolve()
      await found
      await shows(page, 'Done').waitFor()
      expect(await output(page, 'gpt-5.4').textContent()).toBe(`You said: ${words(8)}`)
      expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe(words(8))
    })
  })

  test('by somebody else finds nothing', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      await signIn()
      await goto('/playground')
      await ask(page, prompt)
      await shows(page, 'Done').waitFor()
      await signIn()
      await goto('/playground')
      await page.getByText('Answers appear here').waitFor()
      expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('')
      allow(/status of 404/)
    })
  })
})

test('a connection that breaks costs no word of an answer', async () => {
  await lab.visit(async ({ page, goto, signIn, allow }) => {
    await signIn()
    emulator.script('openai', 'slow')
    await goto('/playground')
    await choose(page, 'gpt-5.4')
    const text = () => output(page, 'gpt-5.4').textContent()
    await ask(page, words(200))
    await output(page, 'gpt-5.4').getByText('You said').waitFor()
    const before = (await text())?.length
    const followed = page.waitForResponse((response) => response.url().endsWith('/events'))
    lab.house.oort.app.server.closeAllConnections()
    await followed
    await expect.poll(async () => (await text())?.length).toBeGreaterThan(Number(before))
    await button(page, 'Stop').first().click()
    await shows(page, 'Stopped').waitFor()
    expect(`You said: ${words(200)}`).toContain(await text())
    expect(emulator.requests).toHaveLength(1)
    allow(/ERR_INCOMPLETE_CHUNKED_ENCODING/)
  })
})
