import type { Page } from 'playwright-core'

export const prompt = 'Describe the Oort cloud to somebody who looks at the night sky for the first time'
export const said = `You said: ${prompt}`
export const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ')

export const answers = (page: Page) => page.getByRole('article')
export const output = (page: Page, model: string) => page.getByRole('region', { name: `Answer of ${model}` })
export const shows = (page: Page, word: string) => answers(page).getByText(word, { exact: true })
export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Chooses models in the composer, adding places for all but the first. */
export async function choose(page: Page, ...models: readonly string[]): Promise<void> {
  for (const _ of models.slice(1)) await button(page, 'Compare with another').click()
  for (const [index, model] of models.entries()) {
    const label = models.length === 1 ? 'Model' : `Model ${index + 1}`
    await page.getByLabel(label, { exact: true }).selectOption(model)
  }
}

export async function ask(page: Page, text: string): Promise<void> {
  await page.getByLabel('Prompt', { exact: true }).fill(text)
  await button(page, 'Run').click()
}
