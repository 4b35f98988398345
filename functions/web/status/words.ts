import type { Component, ComponentState, IncidentState } from '../../../core/incidents/terms.ts'

export const componentNames: Readonly<Record<Component, string>> = {
  api: 'API and pages',
  database: 'Database',
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  cerebras: 'Cerebras',
  mail: 'Mail',
  payments: 'Payments',
}

interface StateWords {
  readonly name: string
  /** Of the tag that says it. */
  readonly kind: 'success' | 'warning' | 'danger' | 'neutral'
  /** Of the whole of Oort. */
  readonly sentence: string
  /** Of a day on which this was the worst. */
  readonly ofDay: string
}

export const stateWords: Readonly<Record<ComponentState | 'unknown', StateWords>> = {
  operational: { name: 'Works', kind: 'success', sentence: 'Everything works.', ofDay: 'worked' },
  degraded: {
    name: 'Degraded',
    kind: 'warning',
    sentence: 'Some of it is slow, or fails at times.',
    ofDay: 'degraded at times',
  },
  failed: { name: 'Does not work', kind: 'danger', sentence: 'Something does not work.', ofDay: 'failed at times' },
  unknown: {
    name: 'Not known',
    kind: 'neutral',
    sentence: 'Nobody has looked in the last five minutes.',
    ofDay: 'no data',
  },
}

export const incidentStateNames: Readonly<Record<IncidentState, string>> = {
  investigating: 'Investigating',
  identified: 'Cause found',
  monitoring: 'Watching the fix',
  resolved: 'Over',
}

/** A share of time, 0 to 1. It is rounded down where it was told, so that 100 % is whole. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`
}

/** A length of time that was promised, such as “4 hours”. */
export function span(minutes: number): string {
  const [count, unit] = minutes % 1_440 === 0 ? [minutes / 1_440, 'day'] : [minutes / 60, 'hour']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
