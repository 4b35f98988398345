import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Download, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { password } from '../support/oort.ts'
import { inspect, openBrowserLab } from './lab.ts'

const run = promisify(execFile)
const cli = join(import.meta.dirname, '../../infra/cli/oort.ts')

let ahead = 0
const lab = await openBrowserLab({ oort: { clock: () => Date.now() + ahead } })
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-leaving-'))
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** What a click has the browser save, and its path. */
async function saved(page: Page, click: () => Promise<void>): Promise<{ readonly download: Download; path: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()])
  const path = join(folder, download.suggestedFilename())
  await download.saveAs(path)
  return { download, path }
}

test('an export is proven for, downloaded with its progress, and verifies', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn, allow } = visitor
    allow(/status of 403/)
    await signIn()
    await goto('/account')
    ahead += 20 * 60_000
    // How far it is gets no answer until the bar was looked at: so small an archive is there at once.
    const seen = Promise.withResolvers<void>()
    await page.route(/\/api\/export\/exp_[^/]+$/, async (route) => {
      await seen.promise
      await route.continue()
    })
    const { path } = await saved(page, async () => {
      await page.getByRole('button', { name: 'Export my data' }).click()
      const dialog = page.getByRole('dialog', { name: 'Is it still you?' })
      await dialog.getByLabel('Password', { exact: true }).fill(password)
      await dialog.getByRole('button', { name: 'Go on' }).click()
    })
    await page.getByRole('progressbar', { name: /^0 of \d+ records$/ }).waitFor()
    await inspect(visitor, 'account-exporting')
    seen.resolve()
    expect(path).toMatch(/oort-export-\d{4}-\d\d-\d\d\.zip$/)
    await page.getByText('Your archive is complete').waitFor()
    await inspect(visitor, 'account-exported')
    const { stdout } = await run(process.execPath, [cli, 'verify-export', path])
    expect(stdout).toMatch(/^INTACT/)
  })
})

test('an account is deleted, and its receipt is shown, saved, and verifies', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn, allow } = visitor
    const { browser } = await signIn()
    await goto('/account')
    await page.getByRole('button', { name: 'Delete the account …' }).click()
    const dialog = page.getByRole('dialog')
    await inspect(visitor, 'account-delete')
    await dialog.getByLabel('Password', { exact: true }).fill('not the password at all')
    await dialog.getByRole('button', { name: 'Delete it all' }).click()
    await page.getByText('The password is wrong', { exact: true }).waitFor()
    allow(/status of 401/)
    await dialog.getByLabel('Password', { exact: true }).fill(password)
    await dialog.getByRole('button', { name: 'Delete it all' }).click()
    await page.getByRole('heading', { name: 'Your account is deleted' }).waitFor()
    expect((await browser.get('/api/auth/me')).status).toBe(401)
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor()
    await inspect(visitor, 'account-receipt')

    const { path } = await saved(page, () => page.getByRole('button', { name: 'Download the receipt' }).click())
    const command = (await page.getByRole('region', { name: 'Command' }).textContent()) ?? ''
    const [, key = ''] = /--key ([0-9a-f]{64})/.exec(command) ?? []
    const { stdout } = await run(process.execPath, [cli, 'verify-receipt', path, '--key', key])
    expect(stdout).toMatch(/^INTACT/)

    await goto('/account/deleted')
    await page.getByRole('heading', { name: 'No receipt here' }).waitFor()
  })
})
