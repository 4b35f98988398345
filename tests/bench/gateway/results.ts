import { cpus } from 'node:os'
import { median } from '../../support/median.ts'
import type { Scenario } from './contender.ts'
import type { Figures } from './wrk.ts'

/** One measurement. */
export interface Result {
  readonly scenario: Scenario['name']
  readonly contender: string
  readonly concurrency: number
  readonly figures: Figures
}

interface Circumstances {
  /** Who could not be measured, and why. */
  readonly missing: readonly string[]
  /** What has to be known of those who were. */
  readonly notes: readonly string[]
  readonly bytes: { readonly JSON: number; readonly SSE: number }
  readonly rounds: number
  /** Of each measurement. */
  readonly seconds: number
}

const raw = 'Bare pass-through'

/** The medians as tables in Markdown, each with its ratio to the bare pass-through. */
export function renderResults(
  results: readonly Result[],
  { missing, notes, bytes, rounds, seconds }: Circumstances,
): string {
  const lines = [
    '# Benchmark: what Oort costs',
    '',
    `Medians of ${rounds} rounds of ${seconds} s each, all contenders in turn in one run; ${cpus().length} cores`,
    `(${cpus()[0]?.model ?? 'unknown'}), which wrk, the provider (nginx) and the contender share. \`npm run bench gateway\``,
    'writes this part. Oort does all that it does in production: authentication by API key, decryption of the',
    "provider's key, audit, and the run kept with its prompt and output sealed, each on disk before it is answered.",
    ...notes.flatMap((note) => ['', note]),
  ]
  for (const scenario of ['JSON', 'SSE'] as const) {
    for (const concurrency of [...new Set(results.map((result) => result.concurrency))].reverse()) {
      const rows = results.filter((result) => result.scenario === scenario && result.concurrency === concurrency)
      const names = [...new Set(rows.map(({ contender }) => contender))]
      const middle = (contender: string, of: keyof Figures) =>
        median(rows.filter((row) => row.contender === contender).map(({ figures }) => figures[of]))
      lines.push('', `## ${scenario}, concurrency ${concurrency} (answers of ${bytes[scenario]} bytes)`, '')
      lines.push('| | requests/s | MB/s | p50 ms | p99 ms | × pass-through |', '|---|---:|---:|---:|---:|---:|')
      for (const name of names) {
        const rate = middle(name, 'requestsPerSecond')
        const cells = [
          rate.toFixed(0),
          (middle(name, 'bytesPerSecond') / 1e6).toFixed(1),
          middle(name, 'p50').toFixed(2),
          middle(name, 'p99').toFixed(2),
          (rate / middle(raw, 'requestsPerSecond')).toFixed(2),
        ]
        lines.push(`| ${name} | ${cells.join(' | ')} |`)
      }
    }
  }
  lines.push('', '## Against the bars', '', ...againstTheBars(results))
  if (missing.length > 0) lines.push('', '## Not measured', '', ...missing.map((reason) => `- ${reason}`))
  return `${lines.join('\n')}\n`
}

/** B1 and B2 at the greatest load, and where they are missed, what holds them. */
function againstTheBars(results: readonly Result[]): readonly string[] {
  const most = Math.max(...results.map(({ concurrency }) => concurrency))
  const rate = (scenario: Scenario['name'], name: RegExp) =>
    median(
      results
        .filter((row) => row.scenario === scenario && row.concurrency === most && name.test(row.contender))
        .map(({ figures }) => figures.requestsPerSecond),
    )
  const ratios = (scenario: Scenario['name'], peer: RegExp) =>
    [/^Oort$/, /^Oort, /].map((ours) => times(rate(scenario, ours) / rate(scenario, peer))).join(' and ')
  const [passThrough, portkey] = [new RegExp(raw), /^Portkey/]
  return [
    'Of one worker, and of one for each core:',
    '',
    `- B1 asks for 5 × Portkey: ${ratios('JSON', portkey)}.`,
    `- B1 asks for 0.6 × the pass-through: ${ratios('JSON', passThrough)}.`,
    `- B2 asks for 0.6 × the pass-through: ${ratios('SSE', passThrough)}. Of Portkey's rate it is ${ratios('SSE', portkey)}.`,
    '',
    'Each run is two commits on disk, some ten statements, and four seals and MACs on each side of the answer; neither of the',
    'others keeps anything. See infra/adr/0019-what-made-it-faster-and-what-did-not.md.',
  ]
}

/** Not a number where one of the two was not measured. */
function times(ratio = Number.NaN): string {
  return Number.isNaN(ratio) ? 'not measured' : `${ratio.toFixed(2)} ×`
}
