import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as esbuild from 'esbuild'
import { builtinsAtUse, leanLibraries } from './infra/bundling/lean-libraries.ts'
import { warmCode } from './infra/bundling/warm-code.ts'

/** One bundle: where it came from, where it went, and what is in it. */
export interface Bundle {
  /** Path under `dist` without its extension, such as `functions/auth/lambda`. */
  readonly name: string
  /** Source file, relative to the repository. */
  readonly entry: string
  /** What is started or imported. */
  readonly outfile: string
  /** The file with the code: `outfile` itself, or what that loads. */
  readonly code: string
  /** Size of the minified code, without its source map. */
  readonly bytes: number
  readonly metafile: esbuild.Metafile
}

const root = import.meta.dirname

/** What code reads from beside itself at run time, and which code does. */
const companions = [
  { reader: 'core/store/', read: 'core/store/migrations' },
  { reader: 'core/export/verifier-source.ts', read: 'core/export/verify.mjs' },
]

/**
 * The driver of PostgreSQL, which most never load: a file of its own beside each bundle, so that it weighs on no start.
 * No name of its own is in it that others share, as its types are all that our code knows of it before it is loaded.
 */
const driver = { name: 'pg', reader: 'core/store/postgres/', file: 'pg.cjs' }

/** Folder of the pages' sources: TSX for browsers, which only this build compiles. */
const client = 'functions/web/client'

/** Who reads the built pages at run time; they are copied beside it as `assets`. */
const assetsReader = 'core/pages/assets.ts'

/** Programs whose start is waited for. Their code is apart from what loads it, see infra/bundling/cached-code.ts. */
const startsFast = /^(functions\/\w+\/lambda|infra\/router)\.ts$/

/** Fastify and its plugins are CommonJS and call `require` for Node's own modules, which an ES module lacks. */
const requireBanner = `import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);`

/**
 * The entry points found on disk: `index.ts` and `lambda.ts` of each function, the two servers, the command line
 * and the runtime for Lambda.
 * Relative to the repository, sorted.
 */
export async function findEntries(): Promise<readonly string[]> {
  const patterns = [
    { dir: 'functions', depth: 2, files: ['index.ts', 'lambda.ts'] },
    { dir: 'infra', depth: 1, files: ['router.ts', 'serve.ts'] },
    { dir: 'infra/cli', depth: 1, files: ['oort.ts'] },
    { dir: 'infra/lambda', depth: 1, files: ['runtime.ts'] },
  ]
  const found = await Promise.all(
    patterns.map(async ({ dir, depth, files }) => {
      const entries = await readdir(join(root, dir), { recursive: true }).catch(() => [])
      return entries
        .filter((path) => path.split('/').length === depth && files.includes(path.split('/').at(-1) ?? ''))
        .map((path) => `${dir}/${path}`)
    }),
  )
  return found.flat().sort()
}

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
    Promise.all(entries.map((entry) => bundle(entry, outdir))),
    buildPages(assets),
    bundleDriver(outdir),
  ])
  await copyCompanions(bundles, outdir)
  return bundles
}

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

/** Names of files by what they are for. Source: esbuild's documentation, "Metafile". */
function manifestOf({ outputs }: esbuild.Metafile): object {
  const names = new Map(
    Object.entries(outputs).flatMap(([path, { entryPoint, inputs }]) => {
      const [only, ...rest] = Object.keys(inputs)
      const source = entryPoint ?? (rest.length === 0 ? only : undefined)
      return source === undefined ? [] : [[source, path] as const]
    }),
  )
  const pathOf = (source: string) => {
    const path = names.get(`${client}/${source}`)
    if (path === undefined) throw new Error(`esbuild wrote nothing for ${source}`)
    return path
  }
  const withImports = (path: string, seen = new Set<string>()): ReadonlySet<string> => {
    if (seen.has(path)) return seen
    seen.add(path)
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') withImports(next, seen)
    }
    return seen
  }
  const apps = { app: pathOf('main.tsx'), admin: pathOf('admin/admin.tsx') }
  const pages = [...names].flatMap(([source, path]) => {
    const [, folder = '', entry] = /client\/(admin\/)?pages\/([^/]+)\.tsx$/.exec(source) ?? []
    if (entry === undefined) return []
    const app = folder === '' ? apps.app : apps.admin
    const needed = new Set([...withImports(app), ...withImports(path)])
    needed.delete(app)
    return [[folder + entry, [...needed].map((each) => basename(each))] as const]
  })
  return {
    app: basename(apps.app),
    admin: basename(apps.admin),
    theme: basename(pathOf('theme.ts')),
    styles: basename(pathOf('styles/styles.css')),
    icon: basename(pathOf('icon.svg')),
    pages: Object.fromEntries(pages),
    files: Object.keys(outputs).map((path) => basename(path)),
  }
}

/** Bundles of one function share a directory, so each copy is made once: two at a time would trip over each other. */
async function copyCompanions(bundles: readonly Bundle[], outdir: string): Promise<void> {
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

async function bundle(entry: string, outdir: string): Promise<Bundle> {
  const name = entry.replace(/^infra\/(cli\/)?/, '').replace(/\.ts$/, '')
  const outfile = join(outdir, `${name}.js`)
  const apart = startsFast.test(entry)
  const code = apart ? join(outdir, `${name}.cjs`) : outfile
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: code,
    bundle: true,
    platform: 'node',
    target: 'node26',
    minify: true,
    sourcemap: 'external',
    legalComments: 'external',
    metafile: true,
    // A native module: it stays a package, found in node_modules at run time.
    external: ['better-sqlite3'],
    logLevel: 'warning',
    ...(apart ? asCommonJs : asModule),
  })
  if (apart) await writeLoader(name, outfile)
  const meta = join(outdir, 'meta', `${name}.json`)
  await mkdir(dirname(meta), { recursive: true })
  await writeFile(meta, JSON.stringify(metafile))
  const [, output] = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`/${basename(code)}`)) ?? []
  return { name, entry, outfile, code, bytes: output?.bytes ?? 0, metafile }
}

const asModule = {
  format: 'esm',
  banner: { js: requireBanner },
  plugins: [...leanLibraries, besideBundles()],
} as const satisfies esbuild.BuildOptions

/**
 * As a script, of which V8 can keep what it compiled. Code that asks where it lies is told as a module would be, and what
 * it imports later is required then: a script that imports has Node warn of an experiment.
 */
const asCommonJs = {
  format: 'cjs',
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': '__url', 'import.meta.dirname': '__dirname' },
  banner: { js: 'const __url=require("node:url").pathToFileURL(__filename).href;' },
  plugins: [builtinsAtUse, ...leanLibraries, besideBundles()],
} as const satisfies esbuild.BuildOptions

/** Writes what is started or imported in the code's place. */
async function writeLoader(name: string, outfile: string): Promise<void> {
  const run = `compileCode(import.meta.dirname, ${JSON.stringify(basename(name))}).run()`
  await esbuild.build({
    absWorkingDir: root,
    stdin: {
      contents: `import { compileCode } from './infra/bundling/cached-code.ts'
        ${basename(name) === 'lambda' ? `export const { handler } = ${run}` : run}`,
      resolveDir: root,
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    minify: true,
    plugins: [...leanLibraries],
    logLevel: 'warning',
  })
}

/** Where a bundle finds the driver. */
function besideBundles(): esbuild.Plugin {
  return {
    name: 'beside bundles',
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`^${driver.name}$`) }, () => ({ path: `./${driver.file}`, external: true }))
    },
  }
}

async function bundleDriver(outdir: string): Promise<void> {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [driver.name],
    outfile: join(outdir, driver.file),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node26',
    minify: true,
    legalComments: 'external',
    // The same driver in C, which the driver itself tries to find.
    external: ['pg-native'],
    logLevel: 'warning',
  })
}

if (import.meta.main) {
  const bundles = await build()
  await warmCode(bundles)
  for (const { name, bytes } of bundles) {
    process.stdout.write(`${(bytes / 1_000).toFixed(0).padStart(7)} kB  ${name}.js\n`)
  }
}
