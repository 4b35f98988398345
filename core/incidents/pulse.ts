import { minute } from '../clock.ts'
import { perPlatform } from '../per-platform.ts'
import type { Component, ComponentState } from './terms.ts'

/** What the newest probe of a component found. Times are milliseconds since the epoch. */
export interface Finding {
  readonly component: Component
  readonly state: ComponentState
  /** Since when the probes have found the same. */
  readonly since: number
  readonly probedAt: number
}

/** Longer without a probe, and what was found before says nothing of the present. */
export const findingLasts = 5 * minute

/**
 * The newest findings that this process knows, its own and those it read of others. It answers when the database does
 * not: that it is away is what has to be told then.
 */
export interface Pulse {
  of(component: Component): Finding | undefined
  /** Takes in what was read from the database. */
  learn(findings: readonly Finding[]): void
  /** Takes in what a probe found, and answers it with the time since when that is so. */
  note(component: Component, state: ComponentState, probedAt: number): Finding
}

/** The one pulse of a platform. */
export const pulseOf = perPlatform(createPulse)

function createPulse(): Pulse {
  const newest = new Map<Component, Finding>()
  return {
    of: (component) => newest.get(component),
    learn(findings) {
      for (const finding of findings) {
        const known = newest.get(finding.component)
        if (known === undefined || known.probedAt < finding.probedAt) newest.set(finding.component, finding)
      }
    },
    note(component, state, probedAt) {
      const known = newest.get(component)
      const same = known?.state === state && probedAt - known.probedAt <= findingLasts
      const finding = { component, state, since: same ? known.since : probedAt, probedAt }
      newest.set(component, finding)
      return finding
    },
  }
}
