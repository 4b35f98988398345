import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { adminPages } from '../../functions/admin/pages.ts'
import { notFound, pages } from '../../functions/web/pages.ts'
import { buildPages } from '../../infra/bundling/build-pages.ts'
import { root } from '../support/source-graph.ts'

/** Bytes of script, gzipped, that a first visit loads before the page is drawn. */
const firstLoad = 60_000

interface Manifest {
  readonly app: string
  readonly admin: string
  readonly theme: string
  readonly pages: Readonly<Record<string, readonly string[]>>
  readonly files: readonly string[]
}

const outdir = await mkdtemp(join(tmpdir(), 'oort-pages-'))
afterAll(() => rm(outdir, { recursive: true, force: true }))
const { outputs } = await buildPages(outdir)
const manifest = JSON.parse(await readFile(join(outdir, '.manifest.json'), 'utf8')) as Manifest
const entries = [...pages, notFound].map(({ entry }) => entry)
const adminEntries = adminPages.map(({ entry }) => `admin/${entry}`)

test.each([...entries, ...adminEntries])(
  `the first load of %s takes at most ${firstLoad / 1_000} kB of script`,
  async (entry) => {
    const app = entry.startsWith('admin/') ? manifest.admin : manifest.app
    const files = [app, manifest.theme, ...(manifest.pages[entry] ?? [])]
    const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(join(outdir, file))).length))
    const bytes = sizes.reduce((sum, size) => sum + size)
    process.stdout.write(`${(bytes / 1_000).toFixed(1).padStart(5)} kB  ${entry}\n`)
    expect(bytes).toBeGreaterThan(5_000)
    expect(bytes).toBeLessThanOrEqual(firstLoad)
  },
)

test('every page has its file, and every file its page', async () => {
  const files = await readdir(join(root, 'functions/web/client/pages'))
  const drawn = files.filter((file) => file.endsWith('.tsx')).map((file) => file.slice(0, -'.tsx'.length))
  expect([...new Set(entries)].sort()).toEqual(drawn.sort())
})

test('every page for administrators has its file and its route, and every file its page', async () => {
  const folder = join(root, 'functions/web/client/admin')
  const drawn = (await readdir(join(folder, 'pages'))).map((file) => file.replace('.tsx', ''))
  expect(adminPages.map(({ entry }) => entry).sort()).toEqual(drawn.sort())
  const app = await readFile(join(folder, 'admin-app.tsx'), 'utf8')
  for (const { path, entry } of adminPages) expect(app).toContain(`'${path}': '${entry}'`)
})

test('nobody but administrators is sent what they see: no other page can come to it', () => {
  const seen = new Set<string>()
  const follow = (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    for (const { path: next } of outputs[path]?.imports ?? []) follow(next)
  }
  const [begin] = Object.keys(outputs).filter((path) => path.endsWith(`/${manifest.app}`))
  follow(begin ?? '')
  const sources = [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}))
  expect(sources).toContain('functions/web/client/pages/home.tsx')
  expect(sources.filter((path) => path.includes('client/admin/'))).toEqual([])
})

test('the manifest names every file, and the names of files change with their content', async () => {
  const onDisk = (await readdir(outdir)).filter((file) => file !== '.manifest.json')
  expect([...manifest.files].sort()).toEqual(onDisk.sort())
  for (const file of onDisk) expect(file).toMatch(/-[A-Z0-9]{8}\.(js|css|svg)$/)
})
