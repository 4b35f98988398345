import { afterAll, beforeEach, expect, test } from 'vitest'
import { inspect, openBrowserLab } from './lab.ts'
import { answers, ask, button, choose, output, prompt, said, shows, words } from './playground.ts'

const lab = await openBrowserLab({ emulator: { pace: 15 } })
const { emulator } = lab.house
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => emulator.reset())

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
    expect(figures).toMatch(/^First token[\d.]+ m?sTokens\/s[\d.,]+Tokens16 in, 18 outCost\$0\.\d+$/)
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
    const live = /^First token[\d.]+ m?sTokens\/s≈ [\d.]+Tokens≈ \d+ in, \d+ outCost≈ \$0\.\d+$/
    await expect.poll(() => answers(page).first().locator('dl').textContent()).toMatch(live)
    await inspect(visitor, 'playground-comparing')
    await expect.poll(() => shows(page, 'Done').count()).toBe(4)
    for (const model of ['gpt-5.4', 'claude-sonnet-5', 'gpt-oss-120b', 'zai-glm-4.7']) {
      expect(await output(page, model).textContent()).toBe(said)
    }
    expect(await answers(page).getByText('≈').count()).toBe(0)
    await inspect(visitor, 'playground-compared')
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

test('a long answer is followed as long as its reader is at its end', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    await signIn()
    await goto('/playground')
    await choose(page, 'gpt-5.4')
    await ask(page, words(1_500))
    await output(page, 'gpt-5.4').getByText('word9').waitFor()
    const box = (what: string) => page.evaluate(`((box) => ${what})(document.querySelector('.output'))`).then(Number)
    await expect.poll(() => box('box.scrollTop')).toBeGreaterThan(100)
    expect(await box('box.scrollHeight - box.scrollTop - box.clientHeight')).toBeLessThan(32)
    // The text may grow before the frame in which the browser tells of a scroll: here it never tells.
    await page.evaluate(`addEventListener('scroll', (event) => event.stopImmediatePropagation(), true)`)
    await box('box.scrollTo(0, 0)')
    const length = await box('box.textContent.length')
    await expect.poll(() => box('box.textContent.length')).toBeGreaterThan(length + 200)
    expect(await box('box.scrollTop')).toBe(0)
    await box('box.scrollTo(0, box.scrollHeight)')
    const end = await box('box.scrollTop')
    await expect.poll(() => box('box.scrollTop')).toBeGreaterThan(end + 100)
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
