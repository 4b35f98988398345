import { useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { api, withQuery } from '../api/api.ts'
import { useLoad } from '../api/use-load.ts'
import { inDollars, Time } from '../components/amounts.tsx'
import { PageHeader } from '../components/card.tsx'
import { EmptyState, Notice } from '../components/notice.tsx'
import { Skeleton } from '../components/skeleton.tsx'
import { Refusal } from '../prompting/refusal.tsx'
import { Chart } from '../usage/chart.tsx'
import { Latency } from '../usage/latency.tsx'
import { type Period, type PeriodName, perBar, periods, periodUpTo, spansOf } from '../usage/period.ts'
import { Segments } from '../usage/segments.tsx'
import { type Grouping, type LatencyRow, stacksOf, type UsageRow } from '../usage/stacks.ts'

interface Usage {
  readonly from: number
  readonly series: readonly UsageRow[]
  readonly latency: readonly LatencyRow[]
}

const titles = Object.fromEntries(Object.entries(periods).map(([name, { title }]) => [name, title])) as Readonly<
  Record<PeriodName, string>
>
const groupings: Readonly<Record<Grouping, string>> = { model: 'By model', provider: 'By provider' }

/** What the user's runs came to over time. Period and grouping stand in the address. */
export function Page() {
  const { query, route } = useLocation()
  const name = isPeriod(query['period']) ? query['period'] : '30d'
  const grouping: Grouping = query['by'] === 'provider' ? 'provider' : 'model'
  const go = (period: PeriodName, by: Grouping) => route(withQuery('/usage', { period, by }), true)

  const { data, error, reload } = useLoad(name, async (signal) => {
    const period = periodUpTo(name, Date.now())
    const usage = await api.get<Usage>(withQuery('/api/runs/usage', { ...period }), { signal })
    return { name, period, usage }
  })

  return (
    <div class="page usage">
      <PageHeader
        title="Usage"
        actions={
          <>
            <Segments label="Grouped" options={groupings} value={grouping} onChange={(by) => go(name, by)} />
            <Segments label="Period" options={titles} value={name} onChange={(period) => go(period, grouping)} />
          </>
        }
      />
      {error !== undefined && <Refusal error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Skeleton lines={8} />}
      {data !== undefined && data.usage.series.length === 0 && <NoRuns />}
      {data !== undefined && data.usage.series.length > 0 && <Charts {...data} grouping={grouping} />}
    </div>
  )
}

function isPeriod(name: string | undefined): name is PeriodName {
  return name !== undefined && Object.hasOwn(periods, name)
}

const counts = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

function Charts({
  name,
  period,
  usage: { from, series, latency },
  grouping,
}: {
  readonly name: PeriodName
  readonly period: Period
  readonly usage: Usage
  readonly grouping: Grouping
}) {
  const { spans, runs, tokens, cost } = useMemo(() => {
    const all = spansOf(name, period)
    const stacked = (measure: (row: UsageRow) => number) => stacksOf(series, all, grouping, measure)
    return {
      spans: all,
      runs: stacked((row) => row.runs),
      tokens: stacked((row) => row.inputTokens + row.outputTokens),
      cost: stacked((row) => row.costMicroUsd),
    }
  }, [name, period, series, grouping])
  const per = perBar(name)
  const chart = { spans, whole: periods[name].whole }
  return (
    <div class="charts">
      {from > period.from && (
        <Notice kind="warning">
          There are more runs than are summed at once: what you see begins <Time at={from} />.
        </Notice>
      )}
      <Chart title={`Runs ${per}`} {...chart} stacks={runs} format={(value) => counts.format(value)} />
      <Chart title={`Cost ${per}`} {...chart} stacks={cost} format={inDollars} />
      <Chart title={`Tokens ${per}`} {...chart} stacks={tokens} format={(value) => counts.format(value)} />
      <Latency rows={latency} />
      <p class="hint">Costs are estimates by list prices; models whose price is not known count as nothing.</p>
    </div>
  )
}

function NoRuns() {
  return (
    <EmptyState
      title="No runs in this time"
      action={
        <a class="button primary" href="/playground">
          Open the playground
        </a>
      }
    >
      Once something has run, this page shows how often, with how many tokens, at what cost, and how fast.
    </EmptyState>
  )
}
