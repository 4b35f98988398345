import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ParseLockfile, ValidateHost, ValidateHttps, ValidateIntegrity, ValidatePackageNames } from 'lockfile-lint-api'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { root } from '../support/source-graph.ts'
import { lockfileText, readInstalled } from './lockfile.ts'

const manifest = z
  .looseObject({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))

/**
 * What is wrong with where a lockfile's packages come from. lockfile-lint looks at the addresses and at the kind of
 * hash; it passes over an entry that has no hash, or an address that is none, so those are looked for here.
 */
function faultsOf(text: string): readonly string[] {
  const { object: packages } = new ParseLockfile({ lockfileText: text, lockfileType: 'npm' }).parseSync()
  const linted = [
    new ValidateHttps({ packages }).validate(),
    new ValidateHost({ packages }).validate(['npm']),
    new ValidatePackageNames({ packages }).validate(),
    new ValidateIntegrity({ packages }).validate(),
  ].flatMap(({ errors }) => errors.map(({ message }) => message))
  const passedOver = readInstalled(text)
    .filter(
      ({ integrity, resolved, link }) =>
        link === true ||
        !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ||
        (resolved !== undefined && !URL.canParse(resolved)),
    )
    .map(({ place }) => `${place} is a link, has no SHA-512, or comes from no address`)
  return [...linted, ...passedOver]
}

/** The lockfile, with what one entry says exchanged. */
function tamperedWith(change: Readonly<Record<string, unknown>>): string {
  const lockfile = JSON.parse(lockfileText)
  Object.assign(lockfile.packages['node_modules/zod'], change)
  return JSON.stringify(lockfile)
}

test('every package of the lockfile has its SHA-512, and comes from the public registry or names no address at all', () => {
  expect(readInstalled().length).toBeGreaterThan(100)
  expect(faultsOf(lockfileText)).toEqual([])
})

test.each([
  ['without its hash', { integrity: undefined }],
  ['with a weaker hash', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
  ['over plain HTTP', { resolved: 'http://packages.example/zod/-/zod-4.6.7.tgz' }],
  ['from a host of somebody', { resolved: 'https://packages.example/zod/-/zod-4.6.7.tgz' }],
  ['from a repository', { resolved: 'git+ssh://git@code.example/zod.git#0123456' }],
  ['from a folder', { resolved: 'file:../zod' }],
  ['from no address', { resolved: '../zod.tgz' }],
  ['as a link', { link: true }],
])('a package %s is found', (_, change) => {
  expect(faultsOf(tamperedWith(change))).not.toEqual([])
})

describe('packages that are asked for', () => {
  test('are asked for by exact version, which is the one that is locked', () => {
    const asked = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    const locked = new Map(readInstalled().map(({ place, version }) => [place, version]))
    expect(asked.filter(([name, version]) => locked.get(`node_modules/${name}`) !== version)).toEqual([])
  })

  test('are locked in one form on every machine: npm is told to leave the registry’s address out', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^omit-lockfile-registry-resolved=true$/m)
  })
})

describe('scripts that run while packages are installed', () => {
  test('are allowed to Node alone, which fetches its binary that way', () => {
    expect(Object.keys(manifest.allowScripts).filter((name) => manifest.allowScripts[name])).toEqual(['node'])
  })

  test('are decided on for every package that has one, and for no other', () => {
    // npm runs node-gyp for a package with a binding.gyp, which the lockfile does not tell.
    const withScript = readInstalled()
      .filter((found) => found.hasInstallScript === true || existsSync(join(root, found.place, 'binding.gyp')))
      .map(({ name }) => name)
    expect([...new Set(withScript)].toSorted()).toEqual(Object.keys(manifest.allowScripts).toSorted())
  })

  test('fail the installation where nobody decided', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^strict-allow-scripts=true$/m)
  })
})
