import { afterAll, beforeAll, expect, test } from 'vitest'
import { day, hour, minute } from '../../core/clock.ts'
import { openIncident } from '../../core/incidents/open-incident.ts'
import { createProber } from '../../core/incidents/probes/keep-probing.ts'
import type { ComponentState } from '../../core/incidents/terms.ts'
import { updateIncident } from '../../core/incidents/update-incident.ts'
import { opening, update } from '../core/incidents/lab.ts'
import { inspect, openBrowserLab } from './lab.ts'

/** The server's time passes from noon on, so that no day ends meanwhile. */
const begin = Date.now()
const noon = Math.floor(begin / day) * day + 12 * hour
let ahead = 0
const lab = await openBrowserLab({ oort: { clock: () => noon + ahead + Date.now() - begin } })
afterAll(() => lab[Symbol.asyncDispose]())

/** Forty days of probes, with one on which a provider failed and one on which it was slow; one incident over, one open. */
beforeAll(async () => {
  const { platform } = lab.house.oort
  let found: ComponentState = 'operational'
  const prober = createProber(
    platform,
    (['api', 'database', 'openai', 'anthropic', 'cerebras'] as const).map((component) => ({
      component,
      look: async () => (component === 'openai' ? found : 'operational'),
    })),
  )
  for (const days of Array.from({ length: 41 }, (_, at) => 40 - at)) {
    ahead = -days * day
    for (const each of [
      'operational',
      days === 12 ? 'failed' : 'operational',
      days === 30 ? 'degraded' : 'operational',
    ] as const) {
      found = each
      ahead += minute
      await prober.round()
    }
  }
  ahead = -12 * day
  const over = await openIncident(platform, 'console', opening)
  ahead += 90 * minute
  await updateIncident(platform, 'console', over, update({ text: 'Their status page tells of it.\nWe wait.' }))
  ahead += 60 * minute
  await updateIncident(platform, 'console', over, update({ state: 'resolved', text: 'It works again.' }))
  ahead = -3 * day
  await openIncident(platform, 'console', {
    ...opening,
    severity: 'SEV3',
    title: 'Answers of Cerebras begin late',
    components: ['cerebras'],
    text: 'Some answers take ten seconds to begin. Another model is a way around it.',
  })
  ahead = 0
})

test('the home page tells what is wrong at the moment, and where more of it stands', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto } = visitor
    await goto('/')
    await page.getByRole('region', { name: 'Current notices' }).getByText('Answers of Cerebras begin late').waitFor()
    await inspect(visitor, 'home-notice')
    await page.getByRole('link', { name: 'What we know' }).click()
    await page.waitForURL(/\/status#inc_/)
    await page.getByRole('heading', { name: 'Answers of Cerebras begin late' }).waitFor()
  })
})

test('the status page tells states, history and incidents, and each day can be gone to by keys', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto } = visitor
    await goto('/status')
    await page.getByText('The probes find everything working, and an incident is open.').waitFor()
    await page.getByText('Next notice by').waitFor()
    await page.getByText('Late', { exact: true }).first().waitFor()
    expect(await page.locator('link[rel=alternate]').getAttribute('href')).toBe('/status.atom')
    await inspect(visitor, 'status')
    const picture = page.getByRole('img', { name: /^OpenAI, the last 90 days, of which 41 with data: / })
    expect(await picture.getAttribute('aria-label')).toMatch(
      /: degraded at times, 100 % .*; .*: failed at times, 66\.66 %/,
    )
    const slider = page.getByRole('slider', { name: 'OpenAI, day by day' })
    await slider.focus()
    for (let back = 0; back < 12; back += 1) await page.keyboard.press('ArrowLeft')
    const said = await slider.getAttribute('aria-valuetext')
    expect(said).toMatch(/: failed at times, 66\.66 % of probes answered$/)
    await page.locator('.day-shown', { hasText: said ?? '' }).waitFor()
    await inspect(visitor, 'status-day')
  })
})

test('what is to be read is there without scripts', async () => {
  await lab.visit(
    async ({ page }) => {
      await page.goto('/security')
      await page.getByRole('heading', { name: 'What you delete is gone' }).waitFor()
      await page.getByText('How it is held: What you delete is gone').click()
      await page.getByText('tests/functions/keys/erasure.test.ts').waitFor()
      await page.goto('/status')
      await page.getByRole('img', { name: /^OpenAI, the last 90 days/ }).waitFor()
      await page.getByText('It works again.').waitFor()
    },
    { javaScriptEnabled: false },
  )
})

test('the security page keeps its place under a link to one promise, and every promise opens', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto } = visitor
    await goto('/security#deleted')
    expect(
      await page.evaluate("Math.abs(document.getElementById('deleted').getBoundingClientRect().top)"),
    ).toBeLessThan(500)
    for (const summary of await page.locator('.held summary').all()) await summary.click()
    await inspect(visitor, 'security-open')
  })
})
