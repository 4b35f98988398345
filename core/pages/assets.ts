import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import * as z from 'zod'
import { OortError } from '../errors.ts'

/** What the build wrote: names of files, each with a hash of its content. */
const manifest = z.object({
  app: z.string(),
  /** The application of administrators, which draws the pages whose name begins with `admin/`. */
  admin: z.string(),
  theme: z.string(),
  styles: z.string(),
  icon: z.string(),
  /** For each page, the scripts that it needs beside its application. */
  pages: z.record(z.string(), z.array(z.string())),
  files: z.array(z.string()),
})

type Manifest = z.output<typeof manifest>

/** Addresses of what a page's document names. */
export interface PageAssets {
  readonly theme: string
  readonly styles: string
  readonly icon: string
  readonly app: string
  readonly preload: readonly string[]
}

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Beside the bundle that reads them, or where the build puts them when the source runs as it is. */
const folders = ['assets', '../../dist/assets'].map((path) => join(import.meta.dirname, path))

/** The dot keeps Caddy from serving it. */
export const manifestName = '.manifest.json'

let kept: { readonly folder: string; readonly manifest: Manifest } | undefined

/** Throws INTERNAL, with its cause for the log, where the assets were not built. */
function builtAssets(): NonNullable<typeof kept> {
  if (kept !== undefined) return kept
  const folder = folders.find((path) => existsSync(join(path, manifestName)))
  if (folder === undefined) throw new OortError('INTERNAL', {}, new Error('The assets are not built: npm run build'))
  kept = { folder, manifest: manifest.parse(JSON.parse(readFileSync(join(folder, manifestName), 'utf8'))) }
  return kept
}

/** What the document of a page names, by the page's entry. Throws INTERNAL for a page that was not built. */
export function assetsOf(entry: string): PageAssets {
  const { app, admin, theme, styles, icon, pages } = builtAssets().manifest
  const scripts = pages[entry]
  if (scripts === undefined) throw new OortError('INTERNAL', {}, new Error(`There is no page ${entry} in the assets`))
  const at = (file: string) => `/assets/${file}`
  const application = entry.startsWith('admin/') ? admin : app
  return { app: at(application), theme: at(theme), styles: at(styles), icon: at(icon), preload: scripts.map(at) }
}

/** A built file by its exact name; undefined for any name that the build did not write. */
export async function readAsset(
  name: string,
): Promise<{ readonly contentType: string; readonly body: Buffer } | undefined> {
  const { folder, manifest: built } = builtAssets()
  const contentType = contentTypes[extname(name)]
  if (contentType === undefined || !built.files.includes(name)) return undefined
  return { contentType, body: await readFile(join(folder, name)) }
}
