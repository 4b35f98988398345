import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { Span } from './period.ts'
import type { Stack } from './stacks.ts'

const height = 200
/** Whole numbers: runs, tokens and micro-USD have no halves. */
const steps = Array.from({ length: 15 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat()

/** Bars of stacks over time, on a canvas, which says nothing to a screen reader: stand a table beside it. */
export function StackedBars({
  spans,
  stacks,
  format,
  onPoint,
}: {
  readonly spans: readonly Span[]
  readonly stacks: readonly Stack[]
  format(value: number): string
  /** The span that is pointed at. */
  onPoint(index: number | undefined): void
}) {
  const frame = useRef<HTMLDivElement>(null)
  const newest = useRef({ format, onPoint })
  newest.current = { format, onPoint }

  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const plot = draw(element, { spans, stacks, newest })
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    const redraw = () => plot.redraw()
    const themed = new MutationObserver(redraw)
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    const preference = matchMedia('(prefers-color-scheme: dark)')
    preference.addEventListener('change', redraw)
    return () => {
      resized.disconnect()
      themed.disconnect()
      preference.removeEventListener('change', redraw)
      plot.destroy()
    }
  }, [spans, stacks])

  return <div ref={frame} class="plot" aria-hidden="true" />
}

interface Drawing {
  readonly spans: readonly Span[]
  readonly stacks: readonly Stack[]
  readonly newest: { readonly current: { format(value: number): string; onPoint(index: number | undefined): void } }
}

function draw(element: HTMLElement, { spans, stacks, newest }: Drawing): uPlot {
  const { font } = getComputedStyle(element)
  const colour = (name: string) => () => colourOf(element, name)
  const bars = uPlot.paths.bars?.({ size: [0.74, 40], radius: 0.08 })
  const axis = { font, ticks: { show: false }, stroke: colour('--text-soft'), incrs: steps }
  // From the top down: each is drawn over the one before, which reaches further up.
  const heights = sumsFromBelow(stacks).reverse()
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      padding: [12, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => [-0.5, spans.length - 0.5] },
        y: { range: (_plot, _least, most) => [0, Math.max(most, 1) * 1.08] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 56,
          size: 32,
          values: (_plot, splits) => splits.map((index) => spans[index]?.title ?? ''),
        },
        {
          ...axis,
          grid: { stroke: colour('--line'), width: 1 },
          size: (_plot, labels) => 14 + 7 * Math.max(2, ...(labels ?? []).map(({ length }) => length)),
          values: (_plot, splits) => splits.map((value) => newest.current.format(value)),
        },
      ],
      series: [
        {},
        ...heights.map((_, index) => ({
          fill: colour(`--series-${stacks.length - index}`),
          stroke: colour('--raised'),
          width: 1,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        })),
      ],
      hooks: { setCursor: [({ cursor }) => newest.current.onPoint(cursor.idx ?? undefined)] },
    },
    [spans.map((_, index) => index), ...heights],
    element,
  )
}

/** For each stack, how high it reaches with those below it. */
function sumsFromBelow(stacks: readonly Stack[]): number[][] {
  const sums: number[][] = []
  for (const { values } of stacks) {
    const below = sums.at(-1)
    sums.push(values.map((value, index) => value + (below?.[index] ?? 0)))
  }
  return sums
}

/** A colour of the theme as a canvas knows it: custom properties keep `light-dark()`, used colours do not. */
function colourOf(element: HTMLElement, name: string): string {
  element.style.outlineColor = `var(${name})`
  return getComputedStyle(element).outlineColor
}
