import type { Page } from 'playwright-core'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { inspect, openBrowserLab } from './lab.ts'

const lab = await openBrowserLab({ emulator: { pace: 15 } })
const { emulator } = lab.house
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => emulator.reset())

const prompt = 'Describe the Oort cloud to somebody who looks at the night sky for the first time'
const said = `You said: ${prompt}`
const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ')

const patient = { timeout: 15_000 }

const answers = (page: Page) => page.getByRole('article')
const output = (page: Page, model: string) => page.getByRole('region', { name: `Answer of ${model}` })
const shows = (page: Page, word: string) => answers(page).getByText(word, { exact: true })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Chooses models in the composer, adding places for all but the first. */
async function choose(page: Page, ...models: readonly string[]): Promise<void> {
  for (const _ of models.slice(1)) await button(page, 'Compare with another').click()
  for (const [index, model] of models.entries()) {
    const label = models.length === 1 ? 'Model' : `Model ${index + 1}`
    await page.getByLabel(label, { exact: true }).selectOption(model)
  }
}

async function ask(page: Page, text: string): Promise<void> {
  await page.getByLabel('Prompt', { exact: true }).fill(text)
  await button(page, 'Run').click()
}

test('a first prompt is answered as it comes, with what it took and cost', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn } = visitor
    await signIn()
    await goto('/playground')
    await choose(page, 'gpt-5.4')
    await ask(page, prompt)
    await output(page, 'gpt-5.4').getByText('You said').waitFor()
    await shows(page, 'Done').waitFor()
    expect(await output(page, 'gpt-5.4').textContent()).toBe(said)
    const figures = await answers(page).locator('dl').textContent()
    expect(figures).toMatch(/^First token\d+ msTokens\/s[\d.,]+Tokens16 in, 18 outCost\$0\.\d+$/)
    await inspect(visitor, 'playground-answered')
  })
})

test('up to four models answer side by side, counted while they do', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn } = visitor
    await signIn()
    emulator.script('openai', 'slow')
    await goto('/playground')
    await choose(page, 'gpt-5.4', 'claude-sonnet-5', 'gpt-oss-120b', 'zai-glm-4.7')
    expect(await button(page, 'Compare with another').count()).toBe(0)
    await ask(page, prompt)
    const live = /^First token\d+ msTokens\/s≈ [\d.]+Tokens≈ \d+ in, \d+ outCost≈ \$0\.\d+$/
    await expect.poll(() => answers(page).first().locator('dl').textContent(), patient).toMatch(live)
    await inspect(visitor, 'playground-comparing')
    await expect.poll(() => shows(page, 'Done').count(), patient).toBe(4)
    for (const model of ['gpt-5.4', 'claude-sonnet-5', 'gpt-oss-120b', 'zai-glm-4.7']) {
      expect(await output(page, model).textContent()).toBe(said)
    }
    expect(await answers(page).getByText('≈').count()).toBe(0)
    await inspect(visitor, 'playground-compared')
  })
})

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
      await expect.poll(() => shows(page, 'Done').count(), patient).toBe(2)
      await button(page, 'Stop').first().click()
      await shows(page, 'Stopped').waitFor()
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
    await ask(page, prompt)
    await output(page, 'gpt-5.4').getByText('You said').waitFor()
    const failed: string[] = []
    page.on('requestfailed', (request) => failed.push(request.url()))
    await page.context().setOffline(true)
    await expect.poll(() => failed.length, patient).toBeGreaterThan(0)
    await page.context().setOffline(false)
    await shows(page, 'Done').waitFor()
    expect(await output(page, 'gpt-5.4').textContent()).toBe(said)
    expect(emulator.requests).toHaveLength(1)
    allow(/ERR_INTERNET_DISCONNECTED/)
  })
})

test('keys alone choose, ask, stop, and ask again', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    await signIn()
    emulator.script('openai', 'stall')
    await goto('/playground')
    expect(await page.evaluate('document.activeElement.name')).toBe('prompt')
    await page.keyboard.type('hello comet')
    for (const _ of ['system prompt', 'model']) await page.keyboard.press('Tab')
    await page.keyboard.type('gpt-5.4-mini')
    await page.keyboard.press('Control+Enter')
    await output(page, 'gpt-5.4-mini').getByText('You').waitFor()
    await page.keyboard.press('Escape')
    await shows(page, 'Stopped').waitFor()
    await page.keyboard.press('Control+Enter')
    await shows(page, 'Done').waitFor()
    expect(await output(page, 'gpt-5.4-mini').textContent()).toBe('You said: hello comet')
  })
})

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

test('a long answer is followed as long as its reader is at its end', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    await signIn()
    await goto('/playground')
    await choose(page, 'gpt-5.4')
    await ask(page, words(1_500))
    await output(page, 'gpt-5.4').getByText('word9').waitFor()
    const box = (what: string) => page.evaluate(`((box) => ${what})(document.querySelector('.output'))`).then(Number)
    await expect.poll(() => box('box.scrollTop'), patient).toBeGreaterThan(100)
    expect(await box('box.scrollHeight - box.scrollTop - box.clientHeight')).toBeLessThan(32)
    await box('box.scrollTo(0, 0)')
    const length = await box('box.textContent.length')
    await expect.poll(() => box('box.textContent.length'), patient).toBeGreaterThan(length + 200)
    expect(await box('box.scrollTop')).toBe(0)
  })
})

test('system prompt, parameters and a model by its name are sent, and are there as code', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn } = visitor
    await signIn()
    await goto('/playground')
    await page.getByText('System prompt').first().click()
    await page.getByRole('textbox', { name: 'System prompt' }).fill("Don't guess.")
    await page.getByText('Parameters').click()
    await page.getByLabel('Temperature').fill('0.5')
    await page.getByLabel('Most tokens').fill('9')
    await page.getByLabel('Model', { exact: true }).selectOption('Another, by name…')
    await page.getByLabel('Model', { exact: true }).fill('openai/gpt-5.4')
    await ask(page, prompt)
    await shows(page, 'Done').waitFor()
    expect(JSON.parse(String(emulator.requests.at(-1)?.body))).toMatchObject({
      model: 'gpt-5.4',
      messages: [
        { role: 'system', content: "Don't guess." },
        { role: 'user', content: prompt },
      ],
      temperature: 0.5,
      max_completion_tokens: 9,
    })

    await button(page, 'As code').click()
    const code = page.getByRole('dialog').getByRole('tabpanel')
    await expect.poll(() => code.textContent()).toContain('/v1/chat/completions')
    await inspect(visitor, 'playground-as-code')
    await page.getByRole('tab', { name: 'Python' }).click()
    await expect.poll(() => code.textContent()).toContain('from openai import OpenAI')
    await page.getByRole('tab', { name: 'TypeScript' }).click()
    await expect.poll(() => code.textContent()).toContain(`baseURL: "${lab.origin}/v1"`)
  })
})
