import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import * as esbuild from 'esbuild'

export const root = resolve(import.meta.dirname, '../..')

/** What a source file imports: files of this repository by their path in it, packages by their specifier. */
export type SourceGraph = ReadonlyMap<string, readonly string[]>

/** The repository's own files, those not yet committed included, as paths from its root. */
export function listFiles(): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '-z']
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '')
}

export function listSources(): readonly string[] {
  return listFiles().filter((path) => /\.tsx?$/.test(path))
}

/** Imports of types count like all others; they are lost on the way to JavaScript, so they are made plain imports. */
export function withTypeImportsKept(code: string): string {
  return code.replace(/^import type (?=[\w{*])/gm, 'import ').replace(/^export type (?=\{[^}]*\}\s*from)/gm, 'export ')
}

/** Reads the graph as esbuild's parser sees it, dynamic imports included. Files on disk that are gone are left out. */
export async function readSourceGraph(sources: readonly string[] = listSources()): Promise<SourceGraph> {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [...sources],
    outdir: 'unwritten',
    write: false,
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    platform: 'node',
    metafile: true,
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    plugins: [
      {
        name: 'edges-alone',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /.*/ }, ({ kind, path, importer }) => {
            if (kind === 'entry-point') return undefined
            const local = path.startsWith('.') ? relative(root, resolve(dirname(importer), path)) : path
            return { path: local, external: true }
          })
          onLoad({ filter: /\.tsx?$/ }, async ({ path }) => ({
            contents: withTypeImportsKept(await readFile(path, 'utf8')),
            loader: path.endsWith('x') ? 'tsx' : 'ts',
          }))
        },
      },
    ],
  })
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => [file, imports.map(({ path }) => path)] as const),
  )
}

/** The first cycle met, as a list of files that begins and ends with the same one; undefined where there is none. */
export function findCycle(graph: SourceGraph): readonly string[] | undefined {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...path, file])
      if (cycle !== undefined) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const cycle = visit(file, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

export async function readSource(path: string): Promise<string> {
  return await readFile(join(root, path), 'utf8')
}
