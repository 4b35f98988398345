import { beforeAll, expect, test } from 'vitest'
import { findCycle, listSources, readSource, readSourceGraph, type SourceGraph } from '../support/source-graph.ts'

let graph: SourceGraph

beforeAll(async () => {
  graph = await readSourceGraph()
})

/** Every import from a file that matches to a file that matches, as `from → to`. */
function edges(from: RegExp, to: RegExp): readonly string[] {
  return [...graph]
    .filter(([file]) => from.test(file))
    .flatMap(([file, imports]) => imports.filter((path) => to.test(path)).map((path) => `${file} → ${path}`))
}

test('the graph holds every source file and sees imports of values and of types', () => {
  expect([...graph.keys()].sort()).toEqual([...listSources()].sort())
  expect(graph.get('core/ids.ts')).toContain('zod')
  expect(graph.get('infra/capabilities.ts')).toContain('core/platform.ts')
})

test('every import of a file of ours finds a file of ours', () => {
  // A path with a variable part, which `infra/invoke.ts` has, is a pattern and no file.
  const missing = edges(/./, /^[^*]+\.tsx?$/).filter((edge) => !graph.has(edge.split(' → ')[1] ?? ''))
  expect(missing).toEqual([])
})

test('core imports from neither functions, infra nor tests', () => {
  expect(edges(/^core\//, /^(functions|infra|tests)\//)).toEqual([])
})

test('what builds stands above all, and nothing imports it', () => {
  expect(graph.get('esbuild.config.ts')).toContain('infra/bundling/build.ts')
  expect(edges(/./, /^esbuild\.config\.ts$/)).toEqual([])
})

test('functions import from neither infra nor tests', () => {
  expect(edges(/^functions\//, /^(infra|tests)\//)).toEqual([])
})

test('a function never imports another function', () => {
  const capability = (path: string | undefined) => path?.split('/')[1]
  const crossing = edges(/^functions\//, /^functions\//).filter((edge) => {
    const [from, to] = edge.split(' → ')
    return capability(from) !== capability(to)
  })
  expect(crossing).toEqual([])
})

test('functions name tables, and reach neither drizzle nor the rest of the store', () => {
  expect(edges(/^functions\//, /^(drizzle-orm|better-sqlite3)|^core\/store\/(?!schema\.ts$)/)).toEqual([])
})

test('an engine of databases is known where it is kept alone, and SQLite’s where its file is copied', () => {
  const ofEngines = /^core\/store\/(sqlite|postgres|migrate-to-postgres)\/|^tests\//
  const ofCopies = /^(core\/backup\/snapshot|infra\/backup\/examine-restored)\.ts → better-sqlite3/
  const knowing = edges(
    /^(core|functions|infra)\//,
    /^(better-sqlite3|pg)(\/|$)|drizzle-orm\/(better-sqlite3|sqlite-proxy|pg-core)/,
  )
  expect(knowing.filter((edge) => !ofEngines.test(edge) && !ofCopies.test(edge))).toEqual([])
  expect(knowing.length).toBeGreaterThan(5)
})

test('functions never reach inside the platform or a transaction: store and keys are behind the scope', async () => {
  const reaching: string[] = []
  for (const path of listSources().filter((each) => each.startsWith('functions/'))) {
    if (/\binsideOf(Transaction)?\b/.test(await readSource(path))) reaching.push(path)
  }
  expect(reaching).toEqual([])
})

test('payments alone know Stripe', () => {
  expect(edges(/^(?!functions\/payments\/|tests\/)/, /^stripe/)).toEqual([])
})

test('the product never imports its tests', () => {
  expect(edges(/^(?!tests\/)/, /^tests\//)).toEqual([])
})

test('no file imports itself, over however many others', () => {
  expect(findCycle(graph)).toBeUndefined()
})

test('no file passes on what another exports', async () => {
  const passing: string[] = []
  for (const path of listSources()) {
    if (/^export\s+(type\s+)?(\*|\{[^}]*\})[^;\n]*\sfrom\s/m.test(await readSource(path))) passing.push(path)
  }
  expect(passing).toEqual([])
})

test('zod is imported as a namespace: the named import quadruples its share of a bundle', async () => {
  const named: string[] = []
  for (const path of listSources()) {
    if (/^import (?!\* as z from 'zod'|type )[^\n]*from 'zod'/m.test(await readSource(path))) named.push(path)
  }
  expect(named).toEqual([])
})
