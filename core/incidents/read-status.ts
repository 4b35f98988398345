import { day, minute } from '../clock.ts'
import type { Config } from '../config.ts'
import { insideOf, type Platform } from '../platform.ts'
import { commitments } from './commitments.ts'
import { type DayTally, daysUpTo, findingsIn, keptDays, readDays } from './probe-days.ts'
import { type Finding, findingLasts, pulseOf } from './pulse.ts'
import { type IncidentRecord, incidentsSince } from './read-incidents.ts'
import type { Status } from './status.ts'
import { type Component, type ComponentState, components, severities } from './terms.ts'

/** What is told when the database was never reached. */
const nothing = { days: [] as readonly DayTally[], incidents: [] as readonly IncidentRecord[] }

/**
 * Tells how Oort is. It never rejects for the database's sake: while that is away, the history and the incidents are
 * those of the last time, and what the probes of this process found is of now.
 */
export function createStatusReader(platform: Platform): () => Promise<Status> {
  const { store, clock } = insideOf(platform)
  const pulse = pulseOf(platform)
  const known = componentsOf(platform.config)
  let last = nothing

  return async () => {
    const now = clock()
    const dates = daysUpTo(now)
    try {
      const days = await readDays(store.read, dates[0] ?? '')
      last = { days, incidents: await incidentsSince(store.read, now - keptDays * day, now) }
      pulse.learn(findingsIn(days))
    } catch (error) {
      platform.log.error({ err: error }, 'the status is told from memory')
      if (fresh(pulse.of('database'), now)?.state !== 'failed') pulse.note('database', 'failed', now)
    }
    const told = known.map((name) => componentStatus(name, fresh(pulse.of(name), now), last.days, dates))
    const open = last.incidents.filter(({ state }) => state !== 'resolved')
    return {
      state: worstOf(told.flatMap(({ state }) => state ?? [])),
      components: told,
      notices: noticesOf(open),
      openIncidents: open,
      pastIncidents: last.incidents.filter(({ state }) => state === 'resolved'),
      commitments: severities.map((severity) => commitmentStatus(severity)),
    }
  }
}

/** The components that this instance has. */
function componentsOf({ mail, payments }: Config): readonly Component[] {
  const absent = new Set<Component>()
  if (mail.smtpUrl === undefined) absent.add('mail')
  if (payments === undefined) absent.add('payments')
  return components.filter((component) => !absent.has(component))
}

function fresh(finding: Finding | undefined, now: number): Finding | undefined {
  return finding !== undefined && now - finding.probedAt <= findingLasts ? finding : undefined
}

function componentStatus(
  name: Component,
  finding: Finding | undefined,
  days: readonly DayTally[],
  dates: readonly string[],
): Status['components'][number] {
  const own = new Map(days.filter(({ component }) => component === name).map((each) => [each.day, each]))
  return {
    name,
    state: finding?.state ?? null,
    since: finding?.since ?? null,
    probedAt: finding?.probedAt ?? null,
    uptime: uptimeOf([...own.values()]),
    days: dates.map((date) => {
      const tally = own.get(date)
      const found = tally === undefined ? [] : [tally]
      return { day: date, worst: worstOf(found.flatMap(statesIn)), uptime: uptimeOf(found) }
    }),
  }
}

function statesIn(tally: DayTally): ComponentState[] {
  return (['operational', 'degraded', 'failed'] as const).filter((state) => tally[state] > 0)
}

function worstOf(states: readonly ComponentState[]): ComponentState | null {
  return (['failed', 'degraded', 'operational'] as const).find((state) => states.includes(state)) ?? null
}

/** Rounded down, so that a day with one failure among many probes is not whole. */
function uptimeOf(tallies: readonly DayTally[]): number | null {
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0)
  const all = tallies.reduce((sum, { operational, degraded }) => sum + operational + degraded, failed)
  return all === 0 ? null : Math.floor(((all - failed) / all) * 10_000) / 10_000
}

function noticesOf(open: readonly IncidentRecord[]): Status['notices'] {
  return open
    .filter(({ severity }) => commitments[severity].onHomePage)
    .toSorted((one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity))
    .map(({ id: incidentId, severity, title, state, startedAt, updates }) => {
      const { text = '', at: updatedAt = startedAt } = updates[0] ?? {}
      return { incidentId, severity, title, state, text, startedAt, updatedAt }
    })
}

function commitmentStatus(severity: (typeof severities)[number]): Status['commitments'][number] {
  const { meaning, firstNoticeWithin, updateEvery, postMortemWithin } = commitments[severity]
  return {
    severity,
    meaning,
    firstNoticeWithinMinutes: firstNoticeWithin / minute,
    updateEveryMinutes: updateEvery / minute,
    postMortemWithinMinutes: postMortemWithin === null ? null : postMortemWithin / minute,
  }
}
