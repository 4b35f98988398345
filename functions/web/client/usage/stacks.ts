import type { Provider } from '../../../../core/providers/provider.ts'
import { providerNames } from '../prompting/run-record.ts'
import type { Span } from './period.ts'

/** What the runs of one model came to in one hour or day. */
export interface UsageRow {
  readonly at: number
  readonly provider: Provider
  readonly model: string
  readonly runs: number
  readonly succeeded: number
  readonly failed: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costMicroUsd: number
}

export interface LatencyRow {
  readonly provider: Provider
  readonly model: string
  readonly runs: number
  /** Milliseconds. */
  readonly firstByteP50: number | null
  readonly firstByteP95: number | null
  readonly totalP50: number | null
  readonly totalP95: number | null
}

export type Grouping = 'model' | 'provider'

/** The values of a model or provider, one for each span. */
export interface Stack {
  readonly name: string
  readonly values: readonly number[]
  readonly total: number
}

/** As many as there are colours that can be told apart, the last of them for the rest. */
const mostStacks = 6

/** The stacks of a measure: the models or providers with most runs first, the rest as one. */
export function stacksOf(
  rows: readonly UsageRow[],
  spans: readonly Span[],
  grouping: Grouping,
  measure: (row: UsageRow) => number,
): readonly Stack[] {
  const names = namesByRuns(rows, grouping)
  const shown = names.length > mostStacks ? names.slice(0, mostStacks - 1) : names
  const groups = Map.groupBy(rows, (row) => {
    const name = nameIn(row, grouping)
    return shown.includes(name) ? name : 'Others'
  })
  return [...shown, 'Others'].flatMap((name) => {
    const its = groups.get(name)
    if (its === undefined) return []
    const values = spans.map(() => 0)
    for (const row of its) {
      const place = spans.findLastIndex(({ at }) => at <= row.at)
      values[place] = (values[place] ?? 0) + measure(row)
    }
    return [{ name, values, total: values.reduce((sum, value) => sum + value, 0) }]
  })
}

function namesByRuns(rows: readonly UsageRow[], grouping: Grouping): readonly string[] {
  const runs = new Map<string, number>()
  for (const row of rows) runs.set(nameIn(row, grouping), (runs.get(nameIn(row, grouping)) ?? 0) + row.runs)
  return [...runs].sort(([, one], [, other]) => other - one).map(([name]) => name)
}

function nameIn({ provider, model }: UsageRow, grouping: Grouping): string {
  return grouping === 'provider' ? providerNames[provider] : model
}
