import type { Page, Route } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { totpCode } from '../functions/auth/lab.ts'
import { ofBytes } from '../support/database.ts'
import { password } from '../support/oort.ts'
import { seedPasskey } from '../support/seed.ts'
import { inspect, openBrowserLab, type Visitor } from './lab.ts'

let ahead = 0
const clock = () => Date.now() + ahead
const lab = await openBrowserLab({ oort: { clock } })
afterAll(() => lab[Symbol.asyncDispose]())

const minute = 60_000

/**
 * An authenticator in the browser that verifies its user by itself, until `inspect` opens a session of the debugger.
 * Source: Chrome DevTools Protocol, WebAuthn.
 */
async function addAuthenticator({ page }: Visitor) {
  const debug = await page.context().newCDPSession(page)
  await debug.send('WebAuthn.enable')
  const { authenticatorId } = await debug.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    /** Whether somebody is there who touches it. */
    setPresent: (enabled: boolean) =>
      debug.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
  }
}

const proofDialog = (page: Page) => page.getByRole('dialog', { name: 'Is it still you?' })

describe('sessions', () => {
  test('this browser is marked, another one is signed out from here, and then all of them', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn } = visitor
      const { browser } = await signIn([])
      const other = lab.house.oort.browser()
      const { email } = (await browser.get('/api/auth/me')).json<{ email: string }>()
      await other.post('/api/auth/sign-in', { email, password }, { 'user-agent': 'Mozilla/5.0 Firefox/140.0 Linux' })
      await goto('/account')
      await inspect(visitor, 'account')
      const row = page.getByRole('listitem').filter({ hasText: 'Firefox on Linux' })
      await row.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
      await expect.poll(() => row.count()).toBe(0)
      expect((await other.get('/api/auth/me')).status).toBe(401)
      await page.getByText('This browser').waitFor()

      await page.getByRole('button', { name: 'Sign out everywhere' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('Every browser is signed out.').waitFor()
      expect((await browser.get('/api/auth/me')).status).toBe(401)
    })
  })

  test('the password is changed here, and a wrong or a weak one is told beside its field', async () => {
    await lab.visit(async ({ page, goto, signIn, allow }) => {
      allow(/status of (401|422)/)
      const { browser } = await signIn([])
      const other = lab.house.oort.browser()
      const { email } = (await browser.get('/api/auth/me')).json<{ email: string }>()
      await other.post('/api/auth/sign-in', { email, password }, { 'user-agent': 'Mozilla/5.0 Firefox/140.0 Linux' })
      await goto('/account')
      await page.getByText('Firefox on Linux').first().waitFor()
      const change = async (now: string, next: string) => {
        await page.getByLabel('Password now', { exact: true }).fill(now)
        await page.getByLabel('New password', { exact: true }).fill(next)
        await page.getByRole('button', { name: 'Change the password' }).click()
      }
      await change('not the password at all', 'another horse battery staple')
      await page.getByText('The password is wrong', { exact: true }).waitFor()
      await change(password, 'too short')
      await page.getByText('The password needs at least 15 characters', { exact: true }).waitFor()
      await change(password, 'another horse battery staple')
      await page.getByText('Your password is changed, and every other browser is signed out.').waitFor()
      expect(await page.getByLabel('Password now', { exact: true }).inputValue()).toBe('')
      const signedIn = page.getByRole('region', { name: 'Where you are signed in' })
      await expect.poll(() => signedIn.getByText('Firefox on Linux').count()).toBe(0)
      await signedIn.getByText('This browser').waitFor()
    })
  })
})

describe('second factor', () => {
  test('an app is set up from its QR code, recovery codes are shown once, and one of them signs in', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn, allow } = visitor
      allow(/status of (401|403)/)
      const { browser } = await signIn([])
      const { email } = (await browser.get('/api/auth/me')).json<{ email: string }>()
      await goto('/account')
      await page.getByRole('button', { name: 'Set up' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Password', { exact: true }).fill(password)
      await dialog.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('button', { name: 'Show the secret as text' }).click()
      const secret = ((await page.locator('.totp-secret code').textContent()) ?? '').replaceAll(' ', '')
      expect(await readQrCode(page)).toMatch(new RegExp(`^otpauth://totp/Oort:.*[?&]secret=${secret}`))
      await inspect(visitor, 'account-scan')

      await dialog.getByLabel('Code', { exact: true }).fill(totpCode(secret, clock()))
      await dialog.getByRole('button', { name: 'Confirm' }).click()
      await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor()
      const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents()
      expect(codes).toHaveLength(10)
      await inspect(visitor, 'account-recovery-codes')
      const [saved] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download them' }).click(),
      ])
      expect(await textOf(saved)).toContain(codes[9])
      await page.getByRole('button', { name: 'I have kept them' }).click()
      await page.getByText('10 unused.').waitFor()

      await page.getByRole('button', { name: /^Account of/ }).click()
      await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('You are signed out.').waitFor()
      await goto('/sign-in')
      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('button', { name: 'Use a recovery code instead' }).click()
      await page.getByLabel('Recovery code', { exact: true }).fill(codes[0] ?? '')
      await inspect(visitor, 'sign-in-recovery-code')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('button', { name: /^Account of/ }).waitFor()

      await goto('/account')
      await page.getByText('9 unused.').waitFor()
      await page.getByText('Signed in with the password and a recovery code').waitFor()
      await page.getByRole('button', { name: 'Make new ones' }).click()
      await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor()
      await page.getByRole('button', { name: 'I have kept them' }).click()
      await page.getByText('10 unused.').waitFor()

      await page.getByRole('button', { name: 'Remove', exact: true }).click()
      await dialog.getByLabel('Password', { exact: true }).fill(password)
      ahead += minute
      await dialog.getByLabel('Code', { exact: true }).fill(totpCode(secret, clock()))
      await dialog.getByRole('button', { name: 'Remove it' }).click()
      await page.getByText(`The second factor is removed. The bytes of its secret ${ofBytes}`).waitFor()
      await page.getByText('The password alone signs you in.').waitFor()
    })
  })
})

describe('passkeys', () => {
  test('one is added, proves anew, signs in without a password, is renamed and removed', async () => {
    await lab.visit(async (visitor) => {
      const { page, goto, signIn, allow } = visitor
      allow(/status of 403/)
      await signIn([])
      await addAuthenticator(visitor)
      await goto('/account')
      await page.getByRole('button', { name: 'Add a passkey' }).click()
      await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Laptop')
      await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click()
      await page.getByText('“Laptop” is added').waitFor()

      ahead += 20 * minute
      await page.getByRole('button', { name: 'Export my data' }).click()
      await proofDialog(page).getByRole('button', { name: 'Use a passkey' }).click()
      await page.getByText('Your archive is complete').waitFor()

      await page.getByRole('button', { name: /^Account of/ }).click()
      await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('You are signed out.').waitFor()
      // This authenticator would take the offer at the field of the address by itself.
      allow(/ERR_FAILED/)
      await page.route('**/api/auth/passkeys/challenge', (route) => route.abort(), { times: 1 })
      const failed = page.waitForEvent('requestfailed')
      await goto('/sign-in')
      await failed
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await page.getByRole('button', { name: /^Account of/ }).click()
      await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('You are signed out.').waitFor()
      // The browser offers it at the field of the address, where this authenticator takes the offer by itself.
      await page.goto('/sign-in')
      await page.getByRole('button', { name: /^Account of/ }).waitFor()

      await goto('/account')
      await page.getByText('Signed in with a passkey').first().waitFor()
      await page.getByRole('button', { name: 'Rename' }).click()
      await page.getByLabel('Name', { exact: true }).fill('Old laptop')
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click()
      await page.getByText('Old laptop').waitFor()
      await page.getByRole('button', { name: 'Remove', exact: true }).click()
      await page.getByRole('button', { name: 'Remove it' }).click()
      await page.getByText(`“Old laptop” is removed. The bytes of its record ${ofBytes}`).waitFor()
    })
  })
})

/** Notes each ceremony by what the page asks of the browser for it; the browser goes on with it. */
const noteCeremonies = `
  globalThis.ceremonies = []
  const get = navigator.credentials.get.bind(navigator.credentials)
  navigator.credentials.get = (options) => {
    ceremonies.push(options.mediation ?? 'asked')
    return get(options)
  }
`

test('an offer of passkeys that comes late leaves the ceremony in peace that was asked for meanwhile', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn } = visitor
    await signIn([])
    const authenticator = await addAuthenticator(visitor)
    await goto('/account')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Laptop')
    await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click()
    await page.getByText('“Laptop” is added').waitFor()
    await page.context().clearCookies()

    await authenticator.setPresent(false)
    await page.addInitScript(noteCeremonies)
    const offered = Promise.withResolvers<Route>()
    await page.route('**/api/auth/passkeys/challenge', offered.resolve, { times: 1 })
    await goto('/sign-in')
    const offer = await offered.promise
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await expect.poll(() => page.evaluate('ceremonies')).toEqual(['asked'])
    const answered = page.waitForEvent('requestfinished', (request) => request === offer.request())
    await offer.continue()
    await answered
    // A further answer, by which the page has long taken up the one that its offer waited for.
    await page.evaluate("fetch('/').then((response) => response.text())")
    expect(await page.evaluate('ceremonies')).toEqual(['asked'])
    expect(await page.getByRole('alert').count()).toBe(0)
  })
})

test('the page with a second factor and a passkey, and the dialog that asks for a proof', async () => {
  await lab.visit(async (visitor) => {
    const { page, goto, signIn, allow } = visitor
    allow(/status of 403/)
    const { browser, userId } = await signIn([])
    const added = await browser.post('/api/auth/second-factor', { password })
    const code = totpCode(added.json<{ secret: string }>().secret, clock())
    await browser.post('/api/auth/second-factor/confirm', { code })
    await seedPasskey(lab.house.oort.platform, userId)
    await goto('/account')
    await page.getByText('A recovery code was made, 10 times').waitFor()
    await inspect(visitor, 'account-protected')
    ahead += 20 * minute
    await page.getByRole('button', { name: 'Make new ones' }).click()
    await proofDialog(page).getByRole('button', { name: 'Use a passkey' }).waitFor()
    await inspect(visitor, 'account-proof')
  })
})

/** What a reader makes of the QR code as it is drawn. */
async function readQrCode(page: Page): Promise<string> {
  const { default: decodeQr } = await import('qr/decode.js')
  const path = (await page.locator('.qr path').getAttribute('d')) ?? ''
  const size = Number(((await page.locator('.qr').getAttribute('viewBox')) ?? '').split(' ')[2])
  const scale = 4
  const width = size * scale
  const data = new Uint8Array(width * width * 4).fill(255)
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)/g)) {
    for (let row = 0; row < scale; row += 1) {
      const from = ((Number(y) * scale + row) * width + Number(x) * scale) * 4
      for (let at = from; at < from + scale * 4; at += 4) data.fill(0, at, at + 3)
    }
  }
  return decodeQr({ width, height: width, data })
}

async function textOf(download: { createReadStream(): Promise<NodeJS.ReadableStream> }): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk as Buffer))
  return Buffer.concat(chunks).toString('utf8')
}
