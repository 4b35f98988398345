import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { freshKey, refusedKey } from '../functions/keys/lab.ts'
import { ofBytes } from '../support/database.ts'
import { inspect, openBrowserLab, type Visitor } from './lab.ts'

const lab = await openBrowserLab()
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.house.emulator.reset())

/** Everything that the browser keeps, and where it is. */
const keptIn = async ({ page }: Visitor) =>
  JSON.stringify([
    page.url(),
    await page.evaluate('[Object.entries(localStorage), Object.entries(sessionStorage), history.state]'),
    await page.context().storageState({ indexedDB: true }),
    await page.content(),
  ])

describe('provider keys', () => {
  test('a key is added once its provider accepts it, checked again, looked up in its ledger and deleted', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn } = visitor
      await signIn([])
      await goto('/keys')
      await inspect(visitor, 'keys-none')
      await page.getByRole('button', { name: 'Add a provider key' }).click()
      const key = freshKey('anthropic')
      await page.getByLabel('Provider', { exact: true }).selectOption('anthropic')
      await page.getByLabel('Key', { exact: true }).fill(key)
      await page.getByLabel('Name (optional)').fill('Work')
      await inspect(visitor, 'keys-add')
      await page.getByRole('button', { name: 'Add the key' }).click()
      await page.getByText('“Work” is added. Anthropic accepts it, and it is sealed.').waitFor()
      await page.getByText(`…${key.slice(-4)}`).waitFor()
      expect(await keptIn(visitor)).not.toContain(key)
      expect(lab.house.oort.log()).not.toContain(key)

      await page.getByRole('button', { name: 'Check now' }).click()
      await page.getByText('Anthropic accepts this key.').waitFor()
      await page.getByRole('button', { name: 'Uses' }).click()
      await page.getByText('Opened to check it').waitFor()
      await inspect(visitor, 'keys-uses')
      await page.keyboard.press('Escape')

      await page.getByRole('button', { name: 'More for Work' }).click()
      await page.getByRole('button', { name: 'Rename …' }).click()
      await page.getByLabel('Name', { exact: true }).fill('Home')
      await page.getByRole('button', { name: 'Rename', exact: true }).click()
      await page.getByRole('heading', { name: 'Home', exact: true }).waitFor()

      const next = freshKey('anthropic')
      await page.getByRole('button', { name: 'More for Home' }).click()
      await page.getByRole('button', { name: 'Replace …' }).click()
      await page.getByLabel('Key', { exact: true }).fill(next)
      await page.getByRole('button', { name: 'Replace the key' }).click()
      await page.getByText(`The bytes of the old key ${ofBytes}`).waitFor()
      await page.getByText(`…${next.slice(-4)}`).waitFor()
      await inspect(visitor, 'keys-one')

      await page.getByRole('button', { name: 'More for Home' }).click()
      await page.getByRole('button', { name: 'Delete …' }).click()
      await inspect(visitor, 'keys-delete')
      await page.getByRole('button', { name: 'Delete the key' }).click()
      await page.getByText(`“Home” is deleted. The bytes of the key ${ofBytes}`).waitFor()
      await page.getByRole('heading', { name: 'No provider key yet' }).waitFor()
    })
  })

  test('each cause of a failure is told apart, the field is empty after each, and nothing is stored', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn, allow } = visitor
      allow(/status of (4\d\d|5\d\d)/)
      await signIn([])
      await goto('/keys')
      await page.getByRole('button', { name: 'Add a provider key' }).click()
      const field = page.getByLabel('Key', { exact: true })
      const fails = async (key: string, words: string) => {
        await field.fill(key)
        await page.getByRole('button', { name: 'Add the key' }).click()
        await page.getByText(words).waitFor()
        expect(await field.inputValue()).toBe('')
      }
      await fails('no key at all', 'An OpenAI key begins with "sk-"')
      await fails(freshKey('anthropic').replace('sk-ant-', 'csk-'), 'This looks like a key of cerebras')
      await fails(refusedKey(), 'OpenAI does not accept this key.')
      await inspect(visitor, 'keys-refused')
      lab.house.emulator.script('openai', 'error-429', 'error-429')
      await fails(freshKey(), 'OpenAI limits what this key may ask at the moment')
      lab.house.emulator.script('openai', 'error-without-retry')
      await fails(freshKey(), 'OpenAI has a fault')
      await inspect(visitor, 'keys-unchecked')

      await field.fill(freshKey())
      await page.getByLabel('Ask OpenAI first').uncheck()
      await page.getByRole('button', { name: 'Add the key' }).click()
      await page.getByText('It was not checked yet, and it is sealed.').waitFor()
      await page.getByText('Not confirmed').waitFor()
    })
  })

  test('a key that its provider refuses later is no longer shown as accepted', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn, allow } = visitor
      allow(/status of 422/)
      const { browser } = await signIn([])
      await browser.post('/api/keys', { provider: 'openai', key: refusedKey(), label: 'Old' })
      await goto('/keys')
      await page.getByRole('button', { name: 'Check now' }).click()
      await page.getByRole('alert').getByText('OpenAI does not accept this key.').waitFor()
      await page.getByText('Not confirmed').waitFor()
      await page.getByText('Not at present').waitFor()
    })
  })

  test('a check of a stored key that tells nothing of it says so in words of its own', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      allow(/status of (409|5\d\d)/)
      const { browser } = await signIn([])
      await browser.post('/api/keys', { provider: 'openai', key: freshKey(), label: 'Stored' })
      await goto('/keys')
      lab.house.emulator.script('openai', 'error-without-retry')
      await page.getByRole('button', { name: 'Check now' }).click()
      const refusal = page.getByRole('alert')
      await refusal
        .getByText('OpenAI has a fault, so that the key could not be checked. It is kept as it was.')
        .waitFor()

      // To replace it while its provider is asked would take a provider that answers when it is told to.
      const replaced = { status: 409, json: { code: 'CONFLICT', title: 'The record is not in a state for this' } }
      await page.route('**/verify', (route) => route.fulfill(replaced))
      await page.getByRole('button', { name: 'Check now' }).click()
      await refusal.getByText('The key was replaced while OpenAI was asked about the old one.').waitFor()
    })
  })

  test('a check that ends late brings back no key that was deleted meanwhile, nor wipes what was said of it', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      const { browser } = await signIn([])
      for (const label of ['Kept', 'Gone']) {
        await browser.post('/api/keys', { provider: 'openai', key: freshKey(), label })
      }
      await goto('/keys')
      const deleted = Promise.withResolvers<void>()
      await page.route('**/verify', async (route) => {
        await deleted.promise
        await route.continue()
      })
      const kept = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Kept' }) })
      await kept.getByRole('button', { name: 'Check now' }).click()
      await page.getByRole('button', { name: 'More for Gone' }).click()
      await page.getByRole('button', { name: 'Delete …' }).click()
      await page.getByRole('button', { name: 'Delete the key' }).click()
      await page.getByText('“Gone” is deleted.').waitFor()
      deleted.resolve()
      await kept.getByText('OpenAI accepts this key.').waitFor()
      await kept.getByText('Accepted', { exact: true }).waitFor()
      expect(await page.getByRole('heading', { name: 'Gone' }).count()).toBe(0)
      expect(await page.getByText('“Gone” is deleted.').count()).toBe(1)
    })
  })
})

describe('API keys', () => {
  test('one is issued with scopes and an end, shown this once, works, and is revoked', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn } = visitor
      const { browser } = await signIn()
      for (const { id } of (await browser.get('/api/api-keys')).json<{ apiKeys: { id: string }[] }>().apiKeys) {
        await browser.delete(`/api/api-keys/${id}`)
      }
      await goto('/keys')
      await page.getByRole('button', { name: 'Issue an API key' }).click()
      await page.getByLabel('Name', { exact: true }).fill('Nightly report')
      await page.getByLabel('read runs').check()
      await inspect(visitor, 'api-keys-issue')
      await page.getByRole('button', { name: 'Issue the key' }).click()
      const token = (await page.locator('.once code').textContent()) ?? ''
      expect(token).toMatch(/^oort_/)
      await inspect(visitor, 'api-keys-once')
      const program = lab.house.oort.browser()
      const models = await program.get('/v1/models', { authorization: `Bearer ${token}` })
      expect(models.status).toBe(200)

      await page.getByRole('button', { name: 'I have copied the key' }).click()
      expect(await keptIn(visitor)).not.toContain(token)
      await page.getByText('run prompts, list models, read runs').waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'Nightly report' }).waitFor()
      expect(await keptIn(visitor)).not.toContain(token)
      await inspect(visitor, 'keys-full')

      await page.getByRole('button', { name: 'Revoke' }).click()
      await page.getByRole('button', { name: 'Revoke the key' }).click()
      await page.getByRole('heading', { name: 'No program has a key' }).waitFor()
      expect((await program.get('/v1/models', { authorization: `Bearer ${token}` })).status).toBe(401)
    })
  })

  test('its button puts it on the clipboard', async () => {
    await lab.visit(async ({ page, goto, signIn }) => {
      await signIn()
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await goto('/keys')
      await page.getByRole('button', { name: 'Issue an API key' }).click()
      await page.getByLabel('Name', { exact: true }).fill('Copied')
      await page.getByRole('button', { name: 'Issue the key' }).click()
      await page.getByRole('button', { name: 'Copy the key' }).click()
      await expect
        .poll(() => page.evaluate('navigator.clipboard.readText()'))
        .toBe(await page.locator('.once code').textContent())
    })
  })
})
