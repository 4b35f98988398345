import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../support/source-graph.ts'
import { patternOf, type WrittenTest } from './read-tests.ts'

/** What vitest's JSON reporter leaves of one case. */
interface Case {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly status: string
  readonly meta?: { readonly figure?: string }
}

/** One run of vitest. */
export interface Report {
  readonly name: string
  /** Undefined where no such run has left its report. */
  readonly cases: ReadonlyMap<string, readonly Case[]> | undefined
}

/** The runs whose reports count. The first two are one `npm test`; the others are the long forms of some of its tests. */
export const runs = [
  { name: 'vitest', command: 'CI=1 npm test', long: false },
  { name: 'stack', command: 'CI=1 npm test', long: false },
  { name: 'faults', command: 'CI=1 npm run test:faults', long: true },
  { name: 'attacks', command: 'CI=1 npm run test:attacks', long: true },
] as const

/** Reads what the last runs on this machine left. */
export async function readReports(folder = join(root, 'tests/.artifacts')): Promise<readonly Report[]> {
  return await Promise.all(
    runs.map(async ({ name }) => {
      const text = await readFile(join(folder, `${name}.json`), 'utf8').catch(() => undefined)
      return { name, cases: text === undefined ? undefined : casesOf(text) }
    }),
  )
}

/** The cases of a report, by file from the repository's root, wherever the report was made. */
function casesOf(text: string): ReadonlyMap<string, readonly Case[]> {
  const { testResults } = JSON.parse(text) as { testResults: { name: string; assertionResults: Case[] }[] }
  return new Map(
    testResults.map(({ name, assertionResults }) => [name.slice(name.lastIndexOf('/tests/') + 1), assertionResults]),
  )
}

/** How a test came out in the last runs, in a few words, with what it measured. */
export function outcomeOf(test: WrittenTest, reports: readonly Report[]): string {
  const told = runs.flatMap(({ name, long }) => {
    const cases = reports.find((report) => report.name === name)?.cases
    const own = cases === undefined ? [] : casesOfTest(test, cases)
    return own.length === 0 ? [] : [`${long ? 'long form: ' : ''}${summary(own)}`]
  })
  if (told.length > 0) return told.join('; ')
  const usual = test.file.startsWith('tests/stack/') ? 'stack' : 'vitest'
  const missing = reports.find(({ name }) => name === usual)?.cases === undefined
  return missing ? 'no report' : 'not in the last report'
}

/** The tests of a file that is none by itself stand in the reports under the files that call it. */
function casesOfTest(test: WrittenTest, cases: ReadonlyMap<string, readonly Case[]>): readonly Case[] {
  const called = !test.file.endsWith('.test.ts')
  const pattern = new RegExp(`${called ? '(^|\\0)' : '^'}${test.parts.map(patternOf).join('\\0')}$`)
  const all = called ? [...cases.values()].flat() : (cases.get(test.file) ?? [])
  return all.filter(({ ancestorTitles, title }) => pattern.test([...ancestorTitles, title].join('\0')))
}

function summary(cases: readonly Case[]): string {
  const failed = cases.filter(({ status }) => status === 'failed').length
  const passed = cases.filter(({ status }) => status === 'passed').length
  const figures = [...new Set(cases.flatMap(({ meta }) => meta?.figure ?? []))]
  const many = cases.length > 1 ? `${cases.length} ` : ''
  if (failed > 0) return `FAILED${cases.length > 1 ? ` ${failed} of ${cases.length}` : ''}`
  if (passed === 0) return 'skipped'
  const some = passed < cases.length ? `${passed} of ${cases.length} ran, passed` : `${many}passed`
  return [some, ...figures].join(': ')
}
