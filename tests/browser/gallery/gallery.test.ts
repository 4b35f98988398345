import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { assetsOf } from '../../../core/pages/assets.ts'
import { renderDocument } from '../../../core/pages/document.ts'
import { password } from '../../support/oort.ts'
import { inspect, openBrowserLab, type Visitor } from '../lab.ts'

const lab = await openBrowserLab()
afterAll(() => lab[Symbol.asyncDispose]())

/** The table of pages with the gallery in it, so that it stands in the navigation. */
const withGallery: esbuild.Plugin = {
  name: 'with-gallery',
  setup({ onLoad }) {
    onLoad({ filter: /functions\/web\/pages\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: `${await readFile(path, 'utf8')}
        const gallery = { path: '/gallery', entry: '', title: '', description: '', for: 'members', nav: 'Gallery' }
        ;(pages as Page[]).push(gallery as Page)`,
    }))
  },
}

const { outputFiles } = await esbuild.build({
  entryPoints: [join(import.meta.dirname, 'gallery.tsx')],
  bundle: true,
  write: false,
  format: 'esm',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  plugins: [withGallery],
})
const script = outputFiles[0]?.text ?? ''

/** Puts the gallery at an address of Oort, under the policy and the stylesheet of every page. */
async function showGallery({ page, signIn }: Visitor): Promise<void> {
  await signIn()
  const assets = { ...assetsOf('home'), app: '/assets/gallery.js', preload: [] }
  const document = renderDocument({ title: 'Gallery', description: 'Every part of the kit.', assets, session: true })
  const real = await page.goto('/')
  const { 'content-length': _, 'content-encoding': __, ...headers } = (await real?.allHeaders()) ?? {}
  await page.route('**/gallery', (route) => route.fulfill({ headers, body: document }))
  await page.route('**/assets/gallery.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }))
  await page.goto('/gallery')
  await page.getByText('Signed in as user-').waitFor()
}

const focused = (page: Page) => page.evaluate<string>('document.activeElement.textContent')

describe('every part of the kit', () => {
  test('is accessible in both themes and fits a phone', async () => {
    await lab.visit(async (visitor) => {
      await showGallery(visitor)
      await inspect(visitor, 'gallery')
    })
  })

  test('leads from page to page, on a phone too', async () => {
    await lab.visit(async (visitor) => {
      const { page } = visitor
      await showGallery(visitor)
      const nav = page.getByRole('navigation', { name: 'Main' })
      expect(await nav.getByRole('link', { name: 'Gallery' }).getAttribute('aria-current')).toBe('page')
      expect(await nav.locator('[aria-current]').count()).toBe(1)

      await page.setViewportSize({ width: 390, height: 844 })
      await nav.waitFor({ state: 'hidden' })
      await page.getByRole('button', { name: 'Menu' }).click()
      await nav.waitFor()
      await inspect(visitor, 'gallery-menu')
      await page.setViewportSize({ width: 390, height: 844 })
      await nav.getByRole('link', { name: 'History' }).click()
      await nav.waitFor({ state: 'hidden' })
      expect(new URL(page.url()).pathname).toBe('/history')
    })
  })

  test('asks before a deletion, says what was done, and gives the focus back', async () => {
    await lab.visit(async (visitor) => {
      const { page } = visitor
      await showGallery(visitor)
      await page.getByRole('button', { name: 'Delete' }).click()
      await inspect(visitor, 'gallery-dialog')
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      expect(await focused(page)).toBe('Delete')

      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('button', { name: 'Delete the key' }).click()
      await page.getByRole('status').getByText('Its bytes are gone.').waitFor()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
    })
  })

  test('goes along tabs with the arrow keys', async () => {
    await lab.visit(async (visitor) => {
      const { page } = visitor
      await showGallery(visitor)
      await page.getByRole('tab', { name: 'curl' }).click()
      await page.keyboard.press('ArrowRight')
      await page.getByLabel('With Python').waitFor()
      await page.keyboard.press('ArrowRight')
      expect(await focused(page)).toBe('curl')
    })
  })

  test('streams a run as it comes, and finds it again', async () => {
    await lab.visit(async (visitor) => {
      const { page } = visitor
      await showGallery(visitor)
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      const answer = page.getByLabel('Answer')
      await answer.getByText('[again done]').waitFor()
      expect(await answer.textContent()).toMatch(
        /^\[run\]You said: hello comet.*\[done\]\[again run\].*\[again done\]$/,
      )
    })
  })

  test('asks for the password where the API wants a recent proof, and then does what was asked', async () => {
    await lab.visit(async (visitor) => {
      const { page, allow } = visitor
      await showGallery(visitor)
      let calls = 0
      await page.route('**/api/gallery', (route) => {
        calls += 1
        if (calls > 1) return route.fulfill({ json: {} })
        const problem = { code: 'REAUTHENTICATION_REQUIRED', title: 'Prove it', status: 403 }
        return route.fulfill({ status: 403, contentType: 'application/problem+json', json: problem })
      })
      await page.getByRole('button', { name: 'Do it' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Password', { exact: true }).fill('not the one')
      await dialog.getByRole('button', { name: 'Go on' }).click()
      await dialog.getByText('The password is wrong', { exact: true }).waitFor()
      await dialog.getByLabel('Password', { exact: true }).fill(password)
      await dialog.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('status').getByText('Done.').waitFor()
      expect(calls).toBe(2)
      allow(/status of 40[13]/)
    })
  })
})
