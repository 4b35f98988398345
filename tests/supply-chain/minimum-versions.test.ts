import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { readInstalled } from './lockfile.ts'
import { accepted, type MinimumVersion, minimumSqlite, minimumVersions } from './minimum-versions.ts'

const installed = readInstalled()

/** Whether `version` has what the advisory asks for. A version that is not three numbers, such as a preview, has not. */
function isSafe(version: string, { safeFrom }: MinimumVersion): boolean {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return false
  const major = (text: string) => Number(text.split('.')[0])
  const ofLine = safeFrom.find((from) => major(from) === major(version))
  if (ofLine === undefined) return safeFrom.every((from) => major(version) > major(from))
  return version.localeCompare(ofLine, 'en', { numeric: true }) >= 0
}

test('no installed copy of a package is older than an advisory allows, but for those that are accepted by place', () => {
  const unsafe = minimumVersions.flatMap((minimum) =>
    installed
      .filter(({ name, version }) => name === minimum.package && !isSafe(version, minimum))
      .map(({ place }) => `${place} ${minimum.id}`),
  )
  expect(unsafe.toSorted()).toEqual(accepted.flatMap(({ place, ids }) => ids.map((id) => `${place} ${id}`)).toSorted())
})

test('nothing that runs in production is accepted below a minimum', () => {
  const places = accepted.map(({ place }) => place)
  expect(installed.filter(({ place, production }) => production && places.includes(place))).toEqual([])
})

test('the SQLite that better-sqlite3 brings is as new as its advisory asks for', () => {
  const version = new Database(':memory:').prepare<[], string>('SELECT sqlite_version()').pluck().get()
  expect(isSafe(version ?? '', minimumSqlite), `SQLite ${version}, ${minimumSqlite.id}`).toBe(true)
})

test('the Node that runs this is the one that the lockfile names', () => {
  const [pinned] = installed.filter(({ place }) => place === 'node_modules/node')
  expect(process.versions.node).toBe(pinned?.version)
})

test('each minimum names a package that is installed, and an advisory by its id', () => {
  const names = new Set(installed.map(({ name }) => name))
  expect(minimumVersions.filter((minimum) => !names.has(minimum.package))).toEqual([])
  for (const { id } of [...minimumVersions, minimumSqlite]) {
    expect(id).toMatch(/^(GHSA(-[23456789cfghjmpqrvwx]{4}){3}|CVE-20\d\d-\d{4,}|SNYK-JS-[A-Z]+-\d+)$/)
  }
})

test.each([
  ['3.1.5', false],
  ['3.1.6', true],
  ['3.1.10', true],
  ['4.1.2', false],
  ['5.0.0', true],
  ['2.9.9', false],
  ['4.2.0-rc.1', false],
])('with minima 3.1.6 and 4.1.3, %s is safe: %s', (version, safe) => {
  expect(isSafe(version, { package: '', safeFrom: ['3.1.6', '4.1.3'], id: '', was: '' })).toBe(safe)
})
