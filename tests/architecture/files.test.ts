import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listFiles, listSources, readSource, root } from '../support/source-graph.ts'

const onDisk = listFiles().filter((path) => existsSync(join(root, path)))
const capabilities = [
  ...new Set(onDisk.filter((path) => /^functions\/[^/]+\//.test(path)).map((path) => path.split('/')[1])),
]

/** Tables: long because what they list is long. */
const tables = [
  'core/store/schema.ts',
  'core/errors.ts',
  'core/audit/events.ts',
  'core/providers/models.ts',
  'tests/asvs/requirements.ts',
  'tests/asvs/verdicts.ts',
]

const topLevel = [
  '.ci',
  '.dockerignore',
  '.env.example',
  '.gitignore',
  '.npmrc',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'Caddyfile',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'biome.json',
  'compose.yaml',
  'core',
  'esbuild.config.ts',
  'functions',
  'infra',
  'package-lock.json',
  'package.json',
  'tests',
  'tsconfig.json',
  'vitest.config.ts',
]

test('the top level holds what is agreed and nothing else', () => {
  const found = new Set(onDisk.map((path) => path.split('/')[0] ?? ''))
  expect([...found].filter((name) => !topLevel.includes(name))).toEqual([])
})

test('no source file is longer than 300 lines, tables excepted', async () => {
  const long: string[] = []
  for (const path of listSources().filter((source) => onDisk.includes(source) && !tables.includes(source))) {
    const lines = (await readSource(path)).trimEnd().split('\n').length
    if (lines > 300) long.push(`${path}: ${lines}`)
  }
  expect(long).toEqual([])
})

test('there are functions', () => {
  expect(capabilities.length).toBeGreaterThan(0)
})

test.each(capabilities)('functions/%s can be hosted by the router and by Lambda', (capability) => {
  expect(onDisk).toContain(`functions/${capability}/index.ts`)
  expect(onDisk).toContain(`functions/${capability}/lambda.ts`)
})

test('nothing names a directory of the machine it was written on, nor the host of a package registry', async () => {
  const traces = /(?<![\w.-])\/work\/|\/tmp\/bash|registry\.npmjs|registry\.yarnpkg|deb\.debian\.org|pypi\.org/
  const named: string[] = []
  for (const path of onDisk) {
    const line = (await readSource(path)).split('\n').findIndex((text) => traces.test(text))
    if (line >= 0) named.push(`${path}:${line + 1}`)
  }
  expect(named).toEqual([])
})
