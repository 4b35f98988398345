import type { Page } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Person } from '../functions/runs/lab.ts'
import { ofBytes } from '../support/database.ts'
import { inspect, openBrowserLab } from './lab.ts'

const lab = await openBrowserLab()
const { emulator } = lab.house
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => emulator.reset())

const day = 86_400_000

async function run({ browser }: Person, model: string, prompt: string): Promise<string> {
  const { headers } = await browser.post('/api/runs', { model, prompt, stream: false })
  return headers.get('x-oort-run-id') ?? ''
}

const rows = (page: Page) => page.locator('.asking')
const search = (page: Page) => page.getByLabel('Search your prompts')

test('what is typed for a search stays as it is when the search has begun, with its space', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    const person = await signIn()
    await run(person, 'gpt-5.4', 'Why does a comet have two tails?')
    await run(person, 'gpt-5.4', 'How far does the Oort cloud reach?')
    await goto('/history')
    expect(await rows(page).count()).toBe(2)
    await search(page).pressSequentially('comet ')
    await expect.poll(() => rows(page).count()).toBe(1)
    expect(await search(page).inputValue()).toBe('comet ')
    await search(page).pressSequentially('tails')
    await page.waitForURL(/comet(\+|%20)tails/)
  })
})

test('runs are searched by their words and narrowed by state and model, in an address that can be kept', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn } = visitor
    const person = await signIn()
    await run(person, 'gpt-5.4', 'What is a comet made of?')
    await run(person, 'claude-sonnet-5', 'Why does a comet have two tails, and which of them points away from the sun?')
    emulator.script('cerebras', 'error-401')
    await run(person, 'gpt-oss-120b', 'Name the largest bodies of the scattered disc')
    await person.browser.post('/api/runs/compare', {
      models: ['gpt-5.4', 'claude-sonnet-5'],
      prompt: 'How far does the Oort cloud reach?',
    })
    await goto('/history')
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    expect(await rows(page).count()).toBe(4)
    expect(await rows(page).first().getByRole('link').allTextContents()).toEqual(['claude-sonnet-5', 'gpt-5.4'])
    await inspect(visitor, 'history-filled')

    await search(page).fill('comet')
    await expect.poll(() => rows(page).count()).toBe(2)
    await page.getByLabel('Model', { exact: true }).selectOption('claude-sonnet-5')
    await expect.poll(() => rows(page).count()).toBe(1)
    await page.reload()
    await rows(page).getByText('two tails').waitFor()
    expect([await search(page).inputValue(), await rows(page).count()]).toEqual(['comet', 1])

    await search(page).fill('comet nowhere')
    await page.getByRole('heading', { name: 'Nothing found' }).waitFor()
    await inspect(visitor, 'history-nothing')
    await page.getByRole('button', { name: 'Show everything' }).click()
    await page.getByLabel('State').selectOption('Failed')
    await expect.poll(() => rows(page).allTextContents()).toHaveLength(1)
    expect(await rows(page).textContent()).toContain('scattered disc')
  })
})

test('a long history comes page by page, as far as one scrolls', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    const person = await signIn()
    for (let index = 0; index < 65; index += 1) await run(person, 'gpt-5.4', `Prompt number ${index}`)
    await goto('/history')
    await rows(page).first().waitFor()
    expect(await rows(page).count()).toBeLessThan(65)
    await expect
      .poll(async () => {
        await page.keyboard.press('End')
        return await rows(page).count()
      })
      .toBe(65)
    expect(new Set(await rows(page).locator('.excerpt').allTextContents()).size).toBe(65)
  })
})

describe('a run of its own', () => {
  test('shows what was asked, what came, what it took and which key paid, and is deleted for good', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn, allow } = visitor
      const person = await signIn()
      const { headers } = await person.browser.post('/api/runs', {
        model: 'claude-sonnet-5',
        system: 'You are an astronomer who answers in one sentence.',
        messages: [
          { role: 'user', content: 'What is the Oort cloud?' },
          { role: 'assistant', content: 'A shell of icy bodies around the solar system.' },
          { role: 'user', content: 'How far does it reach?' },
        ],
        parameters: { temperature: 0.5 },
        stream: false,
      })
      const id = headers.get('x-oort-run-id') ?? ''
      await goto('/history')
      await rows(page).getByRole('link').click()
      await page.getByRole('heading', { name: 'claude-sonnet-5' }).waitFor()
      const main = page.getByRole('main')
      for (const text of ['A shell of icy bodies', 'How far does it reach?', 'You said: How far does it reach?']) {
        await main.getByText(text).first().waitFor()
      }
      await main.getByRole('link', { name: /^anthropic, …/ }).waitFor()
      await inspect(visitor, 'run')

      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click()
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await inspect(visitor, 'run-deleting')
      await page.getByRole('dialog').getByRole('button', { name: 'Delete the run' }).click()
      await page.getByRole('status').getByText(`Its bytes ${ofBytes}`).waitFor()
      await page.getByRole('heading', { name: 'Nothing has run yet' }).waitFor()
      await goto(`/history/${id}`)
      await page.getByRole('heading', { name: 'There is no run here' }).waitFor()
      await inspect(visitor, 'run-gone')
      allow(/status of 404/)
    })
  })

  test('says why it failed, and leads to what it was compared with', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn } = visitor
      const person = await signIn()
      emulator.script('openai', 'error-401')
      await person.browser.post('/api/runs/compare', { models: ['gpt-5.4', 'claude-sonnet-5'], prompt: 'hello' })
      await goto('/history')
      await page.getByRole('link', { name: 'gpt-5.4' }).click()
      await page.getByText('The provider refused the key.').waitFor()
      expect(await page.getByRole('link', { name: 'Look at your keys' }).getAttribute('href')).toBe('/keys')
      await inspect(visitor, 'run-failed')
      await page.getByRole('link', { name: 'claude-sonnet-5' }).click()
      await page.getByText('You said: hello').waitFor()
    })
  })

  test('is opened in the playground with all it was asked, and run again there', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      const person = await signIn()
      await person.browser.post('/api/runs/compare', {
        models: ['gpt-5.4', 'claude-sonnet-5'],
        prompt: 'hello comet',
        system: 'Be brief.',
      })
      await goto('/history')
      await page.getByRole('link', { name: 'gpt-5.4' }).click()
      await page.getByRole('link', { name: 'Run again' }).click()
      await expect.poll(() => page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('hello comet')
      expect(await page.getByLabel('System prompt').inputValue()).toBe('Be brief.')
      expect(await page.getByLabel('Model 2', { exact: true }).inputValue()).toBe('gpt-5.4')
      await page.keyboard.press('Control+Enter')
      await expect.poll(() => page.getByRole('article').getByText('Done').count()).toBe(2)
      expect(new URL(page.url()).search).toBe('')
    })
  })

  test('that a program began is shown in its form, as what the playground cannot ask', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn } = visitor
      const person = await signIn()
      const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }]
      const body = { model: 'gpt-5.4', messages: [{ role: 'user', content: 'hello' }], tools }
      const { headers } = await lab.house.oort.browser().post('/v1/chat/completions', body, {
        authorization: `Bearer ${person.token}`,
      })
      await goto(`/history/${headers.get('x-oort-run-id')}`)
      await page.getByText('"name": "weather"').waitFor()
      await page.getByText('The API key seeded').waitFor()
      expect(await page.getByRole('link', { name: 'Run again' }).count()).toBe(0)
      await inspect(visitor, 'run-of-program')
    })
  })
})

test('runs stand under the days they ran on', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    await run(await signIn(), 'gpt-5.4', 'hello')
    await page.clock.setFixedTime(Date.now() + day)
    await goto('/history')
    await page.getByRole('heading', { name: 'Yesterday' }).waitFor()
  })
})
