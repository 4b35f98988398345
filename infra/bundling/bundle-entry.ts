import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as esbuild from 'esbuild'
import { besideBundles } from './bundle-driver.ts'
import { builtinsAtUse, leanLibraries } from './lean-libraries.ts'

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

const root = join(import.meta.dirname, '../..')

/** Programs whose start is waited for. Their code is apart from what loads it, see infra/bundling/cached-code.ts. */
const startsFast = /^(functions\/\w+\/lambda|infra\/router)\.ts$/

/** Fastify and its plugins are CommonJS and call `require` for Node's own modules, which an ES module lacks. */
const requireBanner = `import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);`

export async function bundleEntry(entry: string, outdir: string): Promise<Bundle> {
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
