import { afterAll, expect, test } from 'vitest'
import { day } from '../../core/clock.ts'
import { newId } from '../../core/ids.ts'
import type { Provider } from '../../core/providers/provider.ts'
import { runs } from '../../core/store/schema.ts'
import type { Person } from '../functions/runs/lab.ts'
import { scopeOf } from '../support/seed.ts'
import { inspect, openBrowserLab } from './lab.ts'

/** How long ago it is at the server, by which runs come into the past. */
let ago = 0
const lab = await openBrowserLab({ oort: { clock: () => Date.now() - ago } })
afterAll(() => lab[Symbol.asyncDispose]())

const models: readonly (readonly [string, Provider])[] = [
  ['gpt-5.4', 'openai'],
  ['claude-sonnet-5', 'anthropic'],
  ['gpt-oss-120b', 'cerebras'],
  ['gpt-5.4-mini', 'openai'],
  ['claude-haiku-4-5', 'anthropic'],
  ['zai-glm-4.7', 'cerebras'],
  ['gpt-4.1', 'openai'],
]

/** Writes runs of the past straight into the history: more of the first models than of the last. */
async function seed({ userId }: Person, days: number): Promise<number> {
  const scope = scopeOf(lab.house.oort.platform, userId)
  let count = 0
  for (let back = 0; back < days; back += 1) {
    for (const [index, [model, provider]] of models.entries()) {
      for (let turn = 0; turn < Math.max(0, ((back * 7 + index * 3) % 6) - index / 2); turn += 1) {
        // Of one day, also where it has just begun.
        ago = back * day + turn
        const at = Date.now() - ago
        const row = {
          providerKeyId: newId('providerKey'),
          endpoint: 'runs',
          provider,
          model,
          state: 'succeeded',
          instanceId: lab.house.oort.platform.instanceId,
          inputTokens: 900 + 130 * index,
          outputTokens: 400 + 50 * turn,
          costMicroUsd: 9_000 - 1_100 * index,
          firstByteAt: at + 120 + 60 * index + 30 * turn,
          finishedAt: at + 2_000 + 700 * index + 900 * turn,
          prompt: 'hello',
        } as const
        await scope.write((tx) => tx.insert(runs, row, { type: 'run.finished', state: 'succeeded' }))
        count += 1
      }
    }
  }
  ago = 0
  return count
}

test('usage is drawn over time, by model and by provider, and stands beside it as a table', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn } = visitor
    const count = await seed(await signIn(), 30)
    await goto('/usage')
    const chart = page.getByRole('region', { name: 'Runs a day' })
    expect(await chart.locator('header strong').textContent()).toBe(String(count))
    await expect.poll(() => page.locator('canvas').count()).toBe(3)
    expect(await chart.locator('.chart-legend li').count()).toBe(6)
    expect(await chart.locator('.chart-legend').textContent()).toContain('Others')
    await inspect(visitor, 'usage-by-model')

    await chart.getByText('As a table').click()
    expect(await chart.getByRole('row').count()).toBeGreaterThan(25)
    await page.getByLabel('By provider').check()
    await expect.poll(() => chart.locator('.chart-legend li').count()).toBe(3)
    await page.getByLabel('7 days').check()
    await expect.poll(async () => Number(await chart.locator('header strong').textContent())).toBeLessThan(count)
    await inspect(visitor, 'usage-by-provider')
    await page.reload()
    expect(await page.getByLabel('7 days').isChecked()).toBe(true)
    const latency = page.getByRole('table', { name: /^Latency/ }).getByRole('row')
    expect(await latency.filter({ hasText: 'claude-sonnet-5' }).textContent()).toMatch(/\d+ ms to \d+ ms/)
  })
})

test('pointing at a day tells of that day', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    await seed(await signIn(), 3)
    await goto('/usage?period=7d')
    const chart = page.getByRole('region', { name: 'Runs a day' })
    const whole = await chart.locator('header').textContent()
    const box = await chart.locator('.u-over').boundingBox()
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) - 20, (box?.y ?? 0) + 50)
    await chart.getByText(/^at \w+ \d+$/).waitFor()
    await page.mouse.move(0, 0)
    await expect.poll(() => chart.locator('header').textContent()).toBe(whole)
  })
})

test('the last day is shown by the hour', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    const person = await signIn()
    await person.browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'hello comet', stream: false })
    await goto('/usage?period=24h')
    const chart = page.getByRole('region', { name: 'Runs an hour' })
    expect(await chart.locator('header strong').textContent()).toBe('1')
  })
})

test('without runs there is a way to the first', async () => {
  await lab.visit(async ({ page, goto, signIn }) => {
    await signIn()
    await goto('/usage')
    expect(await page.getByRole('main').getByRole('link').getAttribute('href')).toBe('/playground')
  })
})
