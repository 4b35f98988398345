import { type Bar, bars, measured, open } from './bars.ts'
import type { Figures } from './figures.ts'
import type { WrittenTest } from './read-tests.ts'
import { outcomeOf, type Report, runs } from './reports.ts'

/** `tests/BARS.md`: each bar, what holds it, and how that came out in the last runs on the machine that wrote it. */
export function renderBars(tests: readonly WrittenTest[], reports: readonly Report[], figures: Figures): string {
  const holding = (id: string) => tests.filter(({ ids }) => ids.includes(id))
  const tested = bars.filter(({ id }) => open[id] === undefined && holding(id).length > 0)
  const benched = Object.keys(measured).filter((id) => open[id] === undefined && holding(id).length === 0)
  const lines = [
    '# What Oort must hold, and what holds it',
    '',
    '`npm run bars:table` writes this file: the tests are read out of their sources, the outcomes out of the reports of',
    'the last runs. A test fails while a test that is named after a bar is missing here.',
    '',
    `Of ${bars.length} bars ${tested.length} are held by tests. By a benchmark alone: ${listed(benched)}. Open: ${listed(Object.keys(open))}.`,
    '',
    ...reportLines(reports),
    ...bars.flatMap((each) => section(each, holding(each.id), reports, figures)),
  ]
  return `${lines.join('\n')}\n`
}

/** The table without what depends on runs: what the committed one must share with one that is made without reports. */
export function withoutOutcomes(table: string): string {
  return table
    .split('\n')
    .filter((line) => !line.startsWith('> '))
    .map((line) => (line.startsWith('| [') ? line.replace(/[^|]*\|$/, '') : line))
    .join('\n')
}

/** Text as it stands in a cell. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ').trim()
}

function listed(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : ids.join(', ')
}

function reportLines(reports: readonly Report[]): readonly string[] {
  const missing = runs.filter(({ name }) => reports.find((report) => report.name === name)?.cases === undefined)
  if (missing.length === 0) return []
  const commands = missing.map(({ name, command }) => `${name} (\`${command}\`)`)
  return [`> Reports that were not there when this was written: ${commands.join(', ')}.`, '']
}

function section(bar: Bar, tests: readonly WrittenTest[], reports: readonly Report[], figures: Figures): string[] {
  const { id, property, tried, anchor } = bar
  const bench = measured[id]
  const rows = tests.map((test) => {
    const path = test.file.slice('tests/'.length)
    return `| [${path}](${path}) | ${cell(test.name)} | ${cell(outcomeOf(test, reports))} |`
  })
  if (bench !== undefined) {
    const path = `bench/${bench}.ts`
    rows.push(`| [${path}](${path}) | \`npm run bench ${bench}\` | ${cell(figures[id] ?? 'no figure')} |`)
  }
  return [
    `## ${id}`,
    '',
    `${property.charAt(0).toUpperCase()}${property.slice(1)}.`,
    `*Tried by: ${tried}${anchor === '' ? '' : `; after ${anchor}`}.*`,
    '',
    ...(open[id] === undefined ? [] : [`**Open.** ${open[id]}`, '']),
    ...(rows.length === 0 ? [] : ['| file | test | last outcome |', '| --- | --- | --- |', ...rows, '']),
  ]
}
