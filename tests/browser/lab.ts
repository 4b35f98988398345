import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { connect } from 'node:tls'
import axe, { type AxeResults } from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Provider } from '../../core/providers/provider.ts'
import { type Lab, type LabOptions, openLab, type Person } from '../functions/runs/lab.ts'
import { type Caddy, startCaddy } from '../support/caddy.ts'

/** Chromium in front of Caddy with TLS, the whole of Oort, and emulated providers. */
export interface BrowserLab extends AsyncDisposable {
  readonly house: Lab
  /** The address that a browser uses. */
  readonly origin: string
  /**
   * Lets a visitor with a fresh profile do something, and fails for every error in the console, every violation of the
   * Content-Security-Policy and every request that failed, unless `visitor.allow` foresaw it.
   */
  visit(deeds: (visitor: Visitor) => Promise<void>, options?: VisitOptions): Promise<void>
}

export type VisitOptions = Pick<BrowserContextOptions, 'javaScriptEnabled'>

export interface Visitor {
  readonly page: Page
  /** Goes to a path of Oort and waits until the page has its heading and what it loads. */
  goto(path: string): Promise<void>
  /** Makes the visitor a new user who is signed in, with a key for each provider unless told. */
  signIn(keys?: readonly Provider[]): Promise<Person>
  /** Complaints that are meant to come, such as Chromium's about an answer of 401. */
  allow(complaint: RegExp): void
}

const themes = ['light', 'dark'] as const
const widths = [390, 1440] as const
const screenshots = join(import.meta.dirname, 'screenshots')

export async function openBrowserLab(options: LabOptions = {}): Promise<BrowserLab> {
  const house = await openLab(options)
  const origin = house.oort.publicUrl
  const { hostname } = new URL(origin)
  const caddy = await startCaddy({
    upstreamPort: Number(new URL(house.oort.origin).port),
    assetsDir: join(import.meta.dirname, '../../dist/assets'),
    names: [hostname],
  })
  const browser = await launch([
    `--host-resolver-rules=MAP ${hostname}:443 127.0.0.1:${caddy.port}`,
    `--ignore-certificate-errors-spki-list=${await keyHashOf(caddy, hostname)}`,
  ])
  return {
    house,
    origin,
    visit: (deeds, visiting) => visit({ house, origin, browser }, deeds, visiting),
    async [Symbol.asyncDispose]() {
      await browser.close()
      await caddy.stop()
      await house[Symbol.asyncDispose]()
    },
  }
}

/**
 * Debian's Chromium, for which Oort stands at its public address: passkeys work nowhere else. Its sandbox does not work
 * for root.
 */
function launch(args: readonly string[]): Promise<Browser> {
  const chromiumSandbox = process.getuid?.() !== 0
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    chromiumSandbox,
    args: [...args],
  })
}

/** SHA-256 of the public key (SPKI) in Caddy's certificate for a host, by which Chromium trusts it and no other. */
async function keyHashOf({ port, ca }: Caddy, servername: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername, ca })
  await once(socket, 'secureConnect')
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' })
  socket.destroy()
  return createHash('sha256')
    .update(key ?? '')
    .digest('base64')
}

async function visit(
  { house, origin, browser }: { readonly house: Lab; readonly origin: string; readonly browser: Browser },
  deeds: (visitor: Visitor) => Promise<void>,
  options: VisitOptions = {},
): Promise<void> {
  const context = await browser.newContext({
    baseURL: origin,
    reducedMotion: 'reduce',
    viewport: { width: 1440, height: 900 },
    ...options,
  })
  // Shorter than a test's own limit, so that it is the step which fails.
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const complaints: string[] = []
  const allowed: RegExp[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  try {
    await deeds({
      page,
      async goto(path) {
        await page.goto(path)
        await page.locator('main h1').first().waitFor()
        await expect.poll(() => page.locator('main .skeleton').count()).toBe(0)
      },
      signIn: (keys) => signIn(house, origin, page, keys),
      allow: (complaint) => allowed.push(complaint),
    })
    expect(complaints.filter((complaint) => !allowed.some((pattern) => pattern.test(complaint)))).toEqual([])
  } finally {
    await context.close()
  }
}

/** Over the debugger: Playwright's own `addCookies` names a domain, which a `__Host-` cookie must not have. */
async function signIn(house: Lab, origin: string, page: Page, keys: readonly Provider[] | undefined): Promise<Person> {
  const person = await house.person(keys)
  const debug = await page.context().newCDPSession(page)
  for (const pair of person.browser.cookie.split('; ')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const cookie = { name, value, url: origin, path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
    await debug.send('Network.setCookie', cookie)
  }
  await debug.detach()
  return person
}

/**
 * Looks at the page as it stands, in both themes and at the width of a phone and of a desk: nothing is wider than the
 * screen, and a picture of each is kept under screenshots/ for people to look at. In each theme, at one of the widths,
 * axe-core finds nothing against WCAG 2.2 AA or its own best practices.
 */
export async function inspect({ page }: Visitor, name: string): Promise<void> {
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme })
    for (const width of widths) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 })
      await page.screenshot({ path: join(screenshots, `${name}-${width}-${colorScheme}.png`), fullPage: true })
      const where = `${name}, ${width} px, ${colorScheme}`
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), where).toBeLessThanOrEqual(0)
      if ((width === 390) === (colorScheme === 'dark')) expect(await violations(page), where).toEqual([])
    }
  }
}

/** Over the debugger, as the page's own policy lets no script in. */
async function violations(page: Page): Promise<readonly string[]> {
  const debug = await page.context().newCDPSession(page)
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  await debug.send('Runtime.evaluate', { expression: axe.source })
  const { result } = await debug.send('Runtime.evaluate', {
    expression: `axe.run({ runOnly: ${JSON.stringify(rules)} })`,
    awaitPromise: true,
    returnByValue: true,
  })
  await debug.detach()
  const found = (result.value as AxeResults).violations
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`))
}
