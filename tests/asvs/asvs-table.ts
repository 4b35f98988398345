import { cell } from '../bars/bars-table.ts'
import { chapters, requirements } from './requirements.ts'
import type { Verdict } from './verdict.ts'
import { verdicts } from './verdicts.ts'

/** `tests/ASVS.md`: each requirement of the standard, and the tests that hold it, or why none does. */
export function renderAsvs(): string {
  const lines = [
    '# OWASP ASVS 5.0.0, requirement by requirement',
    '',
    '`npm run bars:table` writes this file from `tests/asvs/`. A test is named where it fails when the requirement is',
    'broken; otherwise a line says why none does: **not applicable**, kept **by reading**, or **not met**. This is our own',
    'reading of the standard: nobody has assessed Oort against it, and no level is claimed.',
    '',
    'Requirements are shortened from the',
    '[OWASP Application Security Verification Standard 5.0.0](https://github.com/OWASP/ASVS), © The OWASP Foundation,',
    '[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/); so is this table.',
    '',
    '| level | requirements | held by tests | by reading | not applicable | not met |',
    '| ---: | ---: | ---: | ---: | ---: | ---: |',
    ...([1, 2, 3] as const).map((level) => `| ${level} | ${counts(level).join(' | ')} |`),
  ]
  for (const [at, chapter] of chapters.entries()) {
    lines.push('', `## V${at + 1} ${chapter}`, '', '| id | level | asks for | held by |', '| --- | ---: | --- | --- |')
    for (const [id, level, asks] of requirements.filter(([each]) => each.startsWith(`${at + 1}.`))) {
      lines.push(`| ${id} | ${level} | ${cell(asks)} | ${answer(verdicts[id])} |`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** All requirements of a level, then how many are held, read, not applicable and not met. */
function counts(level: number): readonly number[] {
  const all = requirements.filter(([, each]) => each === level).map(([id]) => verdicts[id])
  const standing = (kind: string) => all.filter((each) => each && 'note' in each && each.standing === kind).length
  const tested = all.filter((each) => each && 'tests' in each).length
  return [all.length, tested, ...['by reading', 'not applicable', 'not met'].map(standing)]
}

function answer(verdict: Verdict | undefined): string {
  if (verdict === undefined) return ''
  if ('note' in verdict) return `**${verdict.standing}**: ${cell(verdict.note)}`
  return verdict.tests
    .map((name) => {
      const [file = '', ...parts] = name.split(' › ')
      return `[${file}](${file}) ${cell(parts.join(' › '))}`
    })
    .join('<br>')
}
