import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildPages } from './build-pages.ts'
import { bundleDriver } from './bundle-driver.ts'
import { type Bundle, bundleEntry } from './bundle-entry.ts'
import { copyCompanions } from './copy-companions.ts'
import { findEntries } from './find-entries.ts'

const root = join(import.meta.dirname, '../..')

/**
 * Bundles every entry point on its own, so that each function carries what it uses and nothing else.
 * Writes `<outdir>/<name>.js`, its source map and `<outdir>/meta/<name>.json`, and copies what is read at run
 * time (see companions, and the pages' assets) beside every bundle that reads it. The directory is emptied first.
 * Throws what esbuild throws when a source file does not compile.
 */
export async function build(outdir: string = join(root, 'dist')): Promise<readonly Bundle[]> {
  const entries = await findEntries()
  const assets = join(outdir, 'assets')
  await Promise.all(
    ['functions', 'meta', 'assets', 'router.cache'].map((dir) =>
      rm(join(outdir, dir), { recursive: true, force: true }),
    ),
  )
  const [bundles] = await Promise.all([
    Promise.all(entries.map((entry) => bundleEntry(entry, outdir))),
    buildPages(assets),
    bundleDriver(outdir),
  ])
  await copyCompanions(bundles, outdir)
  return bundles
}
