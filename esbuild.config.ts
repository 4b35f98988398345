import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as esbuild from 'esbuild'

/** One bundle: where it came from, where it went, and what is in it. */
export interface Bundle {
  /** Path under `dist` without its extension, such as `functions/auth/lambda`. */
  readonly name: string
  /** Source file, relative to the repository. */
  readonly entry: string
  readonly outfile: string
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

/** Fastify and its plugins are CommonJS and call `require` for Node's own modules, which an ES module lacks. */
const requireBanner = `import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);`

/**
 * Of undici we use its pool. Its index is CommonJS, from which nothing can be shaken off, and would add WebSockets,
 * caches and mocks to each bundle: half of its weight. As an ES module, a further name is a build error.
 * Of its four response parsers (75 kB each) one stays: llhttp with SIMD, which Node's own platforms all have. The
 * experimental Milo needs a variable to be set, and asking for a parser that is gone fails at once.
 */
const undiciPool: esbuild.Plugin = {
  name: 'undici-pool',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: 'undici-pool', namespace: 'undici-pool' }))
    onLoad({ filter: /.*/, namespace: 'undici-pool' }, () => ({
      contents: `
        import Dispatcher from './lib/dispatcher/dispatcher.js'
        import api from './lib/api/index.js'
        Object.assign(Dispatcher.prototype, api)
        export { default as Pool } from './lib/dispatcher/pool.js'`,
      resolveDir: join(root, 'node_modules/undici'),
    }))
    onLoad({ filter: /undici\/lib\/(milo\/(no-)?simd|llhttp\/llhttp-wasm)\.js$/ }, () => ({ contents: '' }))
  },
}

/**
 * The entry points found on disk: `index.ts` and `lambda.ts` of each function, and the two servers and the command line.
 * Relative to the repository, sorted.
 */
export async function findEntries(): Promise<readonly string[]> {
  const patterns = [
    { dir: 'functions', depth: 2, files: ['index.ts', 'lambda.ts'] },
    { dir: 'infra', depth: 1, files: ['router.ts', 'serve.ts'] },
    { dir: 'infra/cli', depth: 1, files: ['oort.ts'] },
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
 * time (see companions) beside every bundle that reads it. The directory is emptied first.
 * Throws what esbuild throws when a source file does not compile.
 */
export async function build(outdir: string = join(root, 'dist')): Promise<readonly Bundle[]> {
  const entries = await findEntries()
  await Promise.all(['functions', 'meta'].map((dir) => rm(join(outdir, dir), { recursive: true, force: true })))
  const bundles = await Promise.all(entries.map((entry) => bundle(entry, outdir)))
  await copyCompanions(bundles)
  return bundles
}

/** Bundles of one function share a directory, so each copy is made once: two at a time would trip over each other. */
async function copyCompanions(bundles: readonly Bundle[]): Promise<void> {
  const copies = new Map<string, string>()
  for (const { metafile, outfile } of bundles) {
    for (const { reader, read } of companions) {
      const needed = Object.keys(metafile.inputs).some((path) => path.startsWith(reader))
      if (needed) copies.set(join(dirname(outfile), basename(read)), join(root, read))
    }
  }
  await Promise.all([...copies].map(([to, from]) => cp(from, to, { recursive: true })))
}

async function bundle(entry: string, outdir: string): Promise<Bundle> {
  const name = entry.replace(/^infra\/(cli\/)?/, '').replace(/\.ts$/, '')
  const outfile = join(outdir, `${name}.js`)
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    minify: true,
    sourcemap: 'external',
    legalComments: 'external',
    metafile: true,
    // A native module: it stays a package, found in node_modules at run time.
    external: ['better-sqlite3'],
    banner: { js: requireBanner },
    plugins: [undiciPool],
    logLevel: 'warning',
  })
  const meta = join(outdir, 'meta', `${name}.json`)
  await mkdir(dirname(meta), { recursive: true })
  await writeFile(meta, JSON.stringify(metafile))
  const code = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`${name}.js`))
  return { name, entry, outfile, bytes: code?.[1].bytes ?? 0, metafile }
}

if (import.meta.main) {
  for (const { name, bytes } of await build()) {
    process.stdout.write(`${(bytes / 1_000).toFixed(0).padStart(7)} kB  ${name}.js\n`)
  }
}
