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

/** Runs a probe to its verdict within `limit` milliseconds. Never rejects. */
export async function verdictOf(probe: Probe, stopping: AbortSignal, limit = patience): Promise<ComponentState> {
  const { promise, resolve } = Promise.withResolvers<ComponentState>()
  const over = new AbortController()
  // Some, such as the mail client, do not hear the signal.
  const giveUp = () => {
    over.abort()
    resolve('failed')
  }
  const timer = setTimeout(giveUp, limit)
  stopping.addEventListener('abort', giveUp)
  if (stopping.aborted) giveUp()
  else probe.look(over.signal).then(resolve, giveUp)
  return await promise.finally(() => {
    clearTimeout(timer)
    stopping.removeEventListener('abort', giveUp)
  })
}
