import { second } from '../../clock.ts'
import type { Component, ComponentState } from '../terms.ts'

/** One look at a component. */
export interface Probe {
  readonly component: Component
  /** Answers what it found. It may reject, which says `failed`, and is given up when the signal aborts. */
  look(signal: AbortSignal): Promise<ComponentState>
}

/** The milliseconds of a clock that only runs forwards. Passed in, so that tests need not wait. */
export type Stopwatch = () => number

/** A component that takes longer is as good as gone. */
export const patience = 10 * second

/** Runs a probe to its verdict within `patience`. Never rejects. */
export async function verdictOf(probe: Probe, stopping: AbortSignal): Promise<ComponentState> {
  const signal = AbortSignal.any([AbortSignal.timeout(patience), stopping])
  const given = Promise.withResolvers<ComponentState>()
  const giveUp = () => given.resolve('failed')
  signal.addEventListener('abort', giveUp, { once: true })
  // Some, such as the mail client, do not hear the signal.
  probe.look(signal).then(given.resolve, giveUp)
  return await given.promise.finally(() => signal.removeEventListener('abort', giveUp))
}
