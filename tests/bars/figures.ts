import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { root } from '../support/source-graph.ts'

/** What benchmarks last measured, by the id of the bar. */
export type Figures = Readonly<Record<string, string>>

const file = join(root, 'tests/.artifacts/bench.json')

/** The figures of the last benchmarks on this machine; without any, what the gateway's wrote into its own file. */
export async function readFigures(): Promise<Figures> {
  const kept = await readFile(file, 'utf8').catch(() => '{}')
  const results = await readFile(join(root, 'tests/bench/RESULTS.md'), 'utf8').catch(() => '')
  return { ...gatewayFigures(results), ...(JSON.parse(kept) as Figures) }
}

/** Keeps a figure for the table: in one line, with its unit. */
export async function keepFigure(bar: string, figure: string): Promise<void> {
  const kept = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Figures
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify({ ...kept, [bar]: figure }, undefined, 2)}\n`)
}

/** What the table of tests/bench/RESULTS.md says of Oort at its greatest load: JSON is B1, SSE is B2. */
function gatewayFigures(results: string): Figures {
  const figures: Record<string, string> = {}
  for (const [bar, scenario] of [
    ['B1', 'JSON'],
    ['B2', 'SSE'],
  ] as const) {
    const [, concurrency, table = ''] =
      new RegExp(`^## ${scenario}, concurrency (\\d+)[^\\n]*\\n([^]*?)(?=\\n## |$(?![^]))`, 'm').exec(results) ?? []
    const [, perSecond, ratio] = /^\| Oort \| (\d+) \|(?:[^|]*\|)* ([\d.]+) \|$/m.exec(table) ?? []
    if (perSecond === undefined) continue
    figures[bar] = `${perSecond} requests/s at concurrency ${concurrency}: ${ratio} × the bare pass-through`
  }
  return figures
}
