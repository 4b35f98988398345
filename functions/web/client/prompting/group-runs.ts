import { byModel, type ListedRun } from './run-record.ts'

/** Runs of one prompt: one, or those of a comparison. */
export interface Asking {
  readonly id: string
  readonly createdAt: number
  readonly excerpt: string | null
  /** By the names of their models. */
  readonly runs: readonly ListedRun[]
}

export interface Day {
  /** The day as people say it. */
  readonly title: string
  readonly askings: readonly Asking[]
}

const sameYear = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' })
const otherYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric' })

/** Newest first, as they come: by the reader's days, and those of a comparison together. */
export function groupByDay(runs: readonly ListedRun[], now: number): readonly Day[] {
  const days = Map.groupBy(groupByAsking(runs), ({ createdAt }) => titleOf(createdAt, now))
  return [...days].map(([title, askings]) => ({ title, askings }))
}

function groupByAsking(runs: readonly ListedRun[]): readonly Asking[] {
  return [...Map.groupBy(runs, ({ id, comparisonId }) => comparisonId ?? id)].flatMap(([id, its]) => {
    const [newest] = its
    if (newest === undefined) return []
    return { id, createdAt: newest.createdAt, excerpt: newest.excerpt, runs: its.toSorted(byModel) }
  })
}

function titleOf(at: number, now: number): string {
  const today = new Date(now)
  const day = new Date(at)
  const yesterday = new Date(now)
  yesterday.setDate(today.getDate() - 1)
  if (day.toDateString() === today.toDateString()) return 'Today'
  if (day.toDateString() === yesterday.toDateString()) return 'Yesterday'
  return (day.getFullYear() === today.getFullYear() ? sameYear : otherYear).format(day)
}
