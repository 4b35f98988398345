import { basename } from 'node:path'
import type { Metafile } from 'esbuild'

/** Folder of the pages' sources: TSX for browsers, which only this build compiles. */
export const client = 'functions/web/client'

/** Names of files by what they are for. Source: esbuild's documentation, "Metafile". */
export function manifestOf({ outputs }: Metafile): object {
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
