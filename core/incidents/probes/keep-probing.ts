import { setTimeout as wait } from 'node:timers/promises'
import { day, minute, second } from '../../clock.ts'
import { insideOf, type Platform } from '../../platform.ts'
import { type DayTally, dayOf, findingsIn, readDays, storeTallies, tally } from '../probe-days.ts'
import { pulseOf } from '../pulse.ts'
import type { Component, ComponentState } from '../terms.ts'
import { type Probe, verdictOf } from './probe.ts'

/** No component is looked at more often, by however many processes on one database. */
const interval = minute
/** Added at random, lest many instances call a provider in the same second. */
const jitter = 5 * second
/** Before the first round: a start has enough to do. */
const settling = 5 * second

export interface Prober {
  /** Looks at every component whose turn it is, and writes down what it found. Never rejects. */
  round(): Promise<void>
  /** Rounds from now on, each a minute and a little after the one before. */
  start(): void
  /** Ends the round that is under way, without a verdict. */
  stop(): Promise<void>
}

/**
 * Keeps looking at the components. What it finds is in the pulse at once and in the database when that takes it: while
 * it is away the findings wait, one of them being that it is.
 */
export function createProber(platform: Platform, probes: readonly Probe[]): Prober {
  const { store, clock } = insideOf(platform)
  const { log } = platform
  const pulse = pulseOf(platform)
  const waiting = new Map<string, DayTally>()
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  let away = false

  const note = (component: Component, state: ComponentState): void => {
    const before = pulse.of(component)?.state
    if (state !== (before ?? 'operational')) log.warn({ component, state }, 'a component changed its state')
    tally(waiting, pulse.note(component, state, clock()))
  }

  const learn = async (): Promise<void> => {
    try {
      pulse.learn(findingsIn(await readDays(store.read, dayOf(clock() - day))))
    } catch {
      // What this process found itself is then all that it knows; the probe of the database says why.
    }
  }

  const look = async (probe: Probe): Promise<void> => {
    const last = pulse.of(probe.component)
    if (last !== undefined && clock() - last.probedAt < interval) return
    const state = await verdictOf(probe, stopping.signal)
    if (!stopping.signal.aborted) note(probe.component, state)
  }

  const write = async (): Promise<void> => {
    const tallies = [...waiting.values()]
    if (tallies.length === 0) return
    try {
      await store.write((db) => storeTallies(db, tallies, clock()))
      waiting.clear()
      away = false
    } catch (error) {
      if (!away) log.error({ err: error }, 'what the probes found could not be written')
      away = true
    }
  }

  const round = async (): Promise<void> => {
    await learn()
    await Promise.all(probes.map(look))
    await write()
  }

  const keep = async (): Promise<void> => {
    const options = { ref: false, signal: stopping.signal }
    await wait(settling + Math.random() * jitter, undefined, options)
    for (;;) {
      await round()
      await wait(interval + Math.random() * jitter, undefined, options)
    }
  }

  return {
    round,
    start() {
      running ??= keep().catch((error: unknown) => {
        if (!stopping.signal.aborted) log.error({ err: error }, 'the probes have stopped')
      })
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
