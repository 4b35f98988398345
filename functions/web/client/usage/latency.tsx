import { Table } from '../components/table.tsx'
import { inSeconds } from '../prompting/figures.ts'
import { providerNames } from '../prompting/run-record.ts'
import type { LatencyRow } from './stacks.ts'

/** How long each model took: from the median to what all but one in twenty stay under, on one scale a column. */
export function Latency({ rows }: { readonly rows: readonly LatencyRow[] }) {
  const longest = (of: (row: LatencyRow) => number | null) => Math.max(1, ...rows.map((row) => of(row) ?? 0))
  const first = longest(({ firstByteP95 }) => firstByteP95)
  const whole = longest(({ totalP95 }) => totalP95)
  return (
    <section class="chart latency" aria-labelledby="latency">
      <header>
        <h2 id="latency">Latency</h2>
        <p>From the median to the 95th percentile</p>
      </header>
      <Table
        caption="Latency by model: median and 95th percentile"
        rows={rows.toSorted((one, other) => other.runs - one.runs)}
        keyOf={({ provider, model }) => `${provider} ${model}`}
        columns={[
          {
            title: 'Model',
            cell: ({ provider, model }) => (
              <span>
                {model} <span class="provider">{providerNames[provider]}</span>
              </span>
            ),
          },
          { title: 'Runs', numeric: true, cell: ({ runs }) => runs.toLocaleString('en') },
          {
            title: 'First token',
            cell: ({ firstByteP50, firstByteP95 }) => <Range from={firstByteP50} to={firstByteP95} longest={first} />,
          },
          {
            title: 'Whole answer',
            cell: ({ totalP50, totalP95 }) => <Range from={totalP50} to={totalP95} longest={whole} />,
          },
        ]}
      />
    </section>
  )
}

function Range({
  from,
  to,
  longest,
}: {
  readonly from: number | null
  readonly to: number | null
  readonly longest: number
}) {
  if (from === null || to === null) return '–'
  const at = (milliseconds: number) => `${(100 * milliseconds) / longest}%`
  return (
    <div class="range">
      <span class="number">
        {inSeconds(from)} to {inSeconds(to)}
      </span>
      <span class="range-track" aria-hidden="true">
        <span style={{ insetInlineStart: at(from), inlineSize: at(to - from) }} />
      </span>
    </div>
  )
}
