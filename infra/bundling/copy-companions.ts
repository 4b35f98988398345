import { cp } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { driver } from './bundle-driver.ts'
import type { Bundle } from './bundle-entry.ts'

const root = join(import.meta.dirname, '../..')

/** What code reads from beside itself at run time, and which code does. */
const companions = [
  { reader: 'core/store/', read: 'core/store/migrations' },
  { reader: 'core/export/verifier-source.ts', read: 'core/export/verify.mjs' },
]

/** Who reads the built pages at run time; they are copied beside it as `assets`. */
const assetsReader = 'core/pages/assets.ts'

/** Bundles of one function share a directory, so each copy is made once: two at a time would trip over each other. */
export async function copyCompanions(bundles: readonly Bundle[], outdir: string): Promise<void> {
  const copies = new Map<string, string>()
  const all = [
    ...companions.map(({ reader, read }) => ({ reader, from: join(root, read) })),
    { reader: assetsReader, from: join(outdir, 'assets') },
    { reader: driver.reader, from: join(outdir, driver.file) },
  ]
  for (const { metafile, outfile } of bundles) {
    for (const { reader, from } of all) {
      const needed = Object.keys(metafile.inputs).some((path) => path.startsWith(reader))
      const to = join(dirname(outfile), basename(from))
      if (needed && to !== from) copies.set(to, from)
    }
  }
  await Promise.all([...copies].map(([to, from]) => cp(from, to, { recursive: true })))
}
