import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { build } from '../../infra/bundling/build.ts'
import { freePort } from '../../infra/bundling/free-port.ts'
import { openLab } from '../functions/runs/lab.ts'
import { startCaddy } from '../support/caddy.ts'
import { median } from '../support/median.ts'

/**
 * What Lighthouse says of the home page and of the playground, through Caddy with TLS: the median of each category, as
 * on a phone with a slow network. Bar: at least 95 in all four. `node tests/bench/lighthouse.ts [rounds]`
 */
const rounds = Number(process.argv[2] ?? 3)
const version = '13.5.0'
const bar = 95
const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const

interface Report {
  readonly lhr: {
    readonly categories: Readonly<
      Record<
        string,
        {
          readonly score: number | null
          readonly auditRefs: readonly { readonly id: string; readonly weight: number }[]
        }
      >
    >
    readonly audits: Readonly<Record<string, { readonly score: number | null; readonly title: string }>>
  }
}
type Lighthouse = (url: string, flags: object) => Promise<Report | undefined>

/** Installed beside the benchmarks and nowhere else: it is larger than all of Oort. */
async function lighthouse(): Promise<Lighthouse> {
  const folder = join(import.meta.dirname, '.lighthouse')
  const entry = join(folder, 'node_modules/lighthouse/core/index.js')
  if (!existsSync(entry)) {
    const args = ['install', '--no-save', '--loglevel=error', '--prefix', folder, `lighthouse@${version}`]
    if (spawnSync('npm', args, { stdio: 'inherit' }).status !== 0) throw new Error('Lighthouse could not be installed')
  }
  return ((await import(entry)) as { default: Lighthouse }).default
}

const measure = await lighthouse()
await build()
const house = await openLab()
const { hostname } = new URL(house.oort.publicUrl)
const caddy = await startCaddy({
  upstreamPort: Number(new URL(house.oort.origin).port),
  assetsDir: join(import.meta.dirname, '../../dist/assets'),
  names: [hostname],
})
const [profile, port] = [await mkdtemp(join(tmpdir(), 'oort-lighthouse-')), await freePort()]
const context = await chromium.launchPersistentContext(profile, {
  executablePath: '/usr/bin/chromium',
  chromiumSandbox: process.getuid?.() !== 0,
  args: [
    `--remote-debugging-port=${port}`,
    `--host-resolver-rules=MAP ${hostname}:443 127.0.0.1:${caddy.port}`,
    '--ignore-certificate-errors',
  ],
})

const person = await house.person()
const debug = await context.newCDPSession(context.pages()[0] ?? (await context.newPage()))

/** Signs the browser in, so that the playground is the one that people see. */
async function signIn(): Promise<void> {
  for (const pair of person.browser.cookie.split('; ')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const cookie = { name, value, url: house.oort.publicUrl, path: '/', secure: true, httpOnly: true } as const
    await debug.send('Network.setCookie', cookie)
  }
}

for (const path of ['/', '/playground']) {
  if (path === '/playground') await signIn()
  const scores = new Map<string, number[]>(categories.map((category) => [category, []]))
  const weak = new Set<string>()
  for (let round = 0; round < rounds; round += 1) {
    const report = await measure(`${house.oort.publicUrl}${path}`, {
      port,
      onlyCategories: [...categories],
      disableStorageReset: true,
      logLevel: 'error',
    })
    for (const category of categories) {
      const found = report?.lhr.categories[category]
      scores.get(category)?.push(Math.round((found?.score ?? 0) * 100))
      for (const { id, weight } of found?.auditRefs ?? []) {
        const audit = report?.lhr.audits[id]
        if (weight > 0 && audit !== undefined && audit.score !== null && audit.score < 0.9)
          weak.add(`${id} ${audit.score}`)
      }
    }
  }
  const line = categories.map((category) => `${category} ${median(scores.get(category) ?? [])}`).join(', ')
  process.stdout.write(`${path}: ${line}${weak.size > 0 ? ` (below 0.9: ${[...weak].join(', ')})` : ''}\n`)
  if (categories.some((category) => median(scores.get(category) ?? []) < bar)) process.exitCode = 1
}

await context.close()
await caddy.stop()
await house[Symbol.asyncDispose]()
await rm(profile, { recursive: true, force: true })
