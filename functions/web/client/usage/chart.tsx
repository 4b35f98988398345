import { useId, useState } from 'preact/hooks'
import { type Column, Table } from '../components/table.tsx'
import type { Span } from './period.ts'
import { StackedBars } from './stacked-bars.tsx'
import type { Stack } from './stacks.ts'

/** One measure over time: its sum, its picture, what the colours mean, and all of it as a table. */
export function Chart({
  title,
  whole,
  spans,
  stacks,
  format,
}: {
  readonly title: string
  /** What the sum is over. */
  readonly whole: string
  readonly spans: readonly Span[]
  readonly stacks: readonly Stack[]
  format(value: number): string
}) {
  const heading = useId()
  const [pointed, setPointed] = useState<number>()
  const amountOf = ({ values, total }: Stack) => (pointed === undefined ? total : (values[pointed] ?? 0))
  const sum = stacks.reduce((before, stack) => before + amountOf(stack), 0)
  const span = pointed === undefined ? undefined : spans[pointed]
  return (
    <section class="chart" aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{title}</h2>
        <p>
          <strong class="number">{format(sum)}</strong> <span>{span === undefined ? whole : `at ${span.title}`}</span>
        </p>
      </header>
      <StackedBars spans={spans} stacks={stacks} format={format} onPoint={setPointed} />
      <ul class="chart-legend">
        {stacks.map((stack, index) => (
          <li key={stack.name} data-series={index + 1}>
            <span>{stack.name}</span> <span class="number">{format(amountOf(stack))}</span>
          </li>
        ))}
      </ul>
      <details>
        <summary>As a table</summary>
        <Table
          caption={title}
          rows={spans.map((bucket, index) => ({ ...bucket, index })).filter(({ index }) => totalAt(stacks, index) > 0)}
          keyOf={({ at }) => String(at)}
          columns={columnsOf(stacks, format)}
        />
      </details>
    </section>
  )
}

interface Row extends Span {
  readonly index: number
}

function columnsOf(stacks: readonly Stack[], format: (value: number) => string): readonly Column<Row>[] {
  return [
    { title: 'When', cell: ({ title }) => title },
    ...stacks.map(({ name, values }) => ({
      title: name,
      numeric: true,
      cell: ({ index }: Row) => format(values[index] ?? 0),
    })),
  ]
}

function totalAt(stacks: readonly Stack[], index: number): number {
  return stacks.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)
}
