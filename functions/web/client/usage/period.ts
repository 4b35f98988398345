const hour = 3_600_000
const day = 24 * hour

/** The periods that usage is shown for, up to now: how many bars, each of how many hours or days. */
export const periods = {
  '24h': { title: '24 h', whole: 'in 24 hours', bucket: 'hour', bar: 1, bars: 24 },
  '7d': { title: '7 days', whole: 'in 7 days', bucket: 'day', bar: 1, bars: 7 },
  '30d': { title: '30 days', whole: 'in 30 days', bucket: 'day', bar: 1, bars: 30 },
  '90d': { title: '90 days', whole: 'in 90 days', bucket: 'day', bar: 1, bars: 90 },
  '1y': { title: '1 year', whole: 'in 52 weeks', bucket: 'day', bar: 7, bars: 52 },
} as const

export type PeriodName = keyof typeof periods

/** As GET /api/runs/usage takes it. Milliseconds UTC, and minutes that the reader's clock is ahead of UTC. */
export interface Period {
  readonly from: number
  readonly to: number
  readonly bucket: 'hour' | 'day'
  readonly offset: number
}

/** One bar of a chart: when it begins, and how people call it. */
export interface Span {
  readonly at: number
  readonly title: string
}

/** The period that ends with the hour or day in which `now` lies, by the reader's clock. */
export function periodUpTo(name: PeriodName, now: number): Period {
  const { bucket } = periods[name]
  const length = bucket === 'hour' ? hour : day
  const offset = -new Date(now).getTimezoneOffset()
  const ahead = offset * 60_000
  const to = (Math.floor((now + ahead) / length) + 1) * length - ahead
  return { from: to - periods[name].bars * barOf(name), to, bucket, offset }
}

const hours = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false, timeZone: 'UTC' })
const days = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })

export function spansOf(name: PeriodName, { from, bucket, offset }: Period): readonly Span[] {
  return Array.from({ length: periods[name].bars }, (_, index) => {
    const at = from + index * barOf(name)
    return { at, title: (bucket === 'hour' ? hours : days).format(at + offset * 60_000) }
  })
}

/** How long a bar is. Milliseconds. */
function barOf(name: PeriodName): number {
  const { bucket, bar } = periods[name]
  return bar * (bucket === 'hour' ? hour : day)
}

/** What a bar stands for. */
export function perBar(name: PeriodName): string {
  const { bucket, bar } = periods[name]
  if (bucket === 'hour') return 'an hour'
  return bar === 7 ? 'a week' : 'a day'
}
