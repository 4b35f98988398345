import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { client, manifestOf } from './page-manifest.ts'

const root = join(import.meta.dirname, '../..')

/**
 * Bundles the pages for browsers into `<outdir>`: the application and that of administrators, a chunk for each page and
 * what they share, the stylesheet, the icon, every name with a hash of its content; and `.manifest.json`, which core/pages/assets.ts reads.
 * Takes nothing away, so that a server which has read an earlier manifest still finds its files.
 */
export async function buildPages(outdir: string = join(root, 'dist/assets')): Promise<esbuild.Metafile> {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['main.tsx', 'admin/admin.tsx', 'theme.ts', 'styles/styles.css', 'icon.svg'].map(
      (path) => `${client}/${path}`,
    ),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    // What has light-dark() and CSS nesting has all of this.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    minify: true,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    loader: { '.svg': 'copy' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  const draft = join(outdir, `.manifest.${process.pid}.json`)
  await writeFile(draft, JSON.stringify(manifestOf(metafile)))
  await rename(draft, join(outdir, '.manifest.json'))
  return metafile
}
