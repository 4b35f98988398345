import { day, hour } from '../clock.ts'
import type { IncidentState, Severity } from './terms.ts'

/** What a severity means, and what it commits us to. Times are in milliseconds. */
export interface Commitment {
  readonly meaning: string
  /** From the moment we know to the first notice. */
  readonly firstNoticeWithin: number
  /** Between two notices, until the incident is resolved. */
  readonly updateEvery: number
  /** From its end to a published analysis; null where none is owed. */
  readonly postMortemWithin: number | null
  /** Whether the home page tells of it while it is open. */
  readonly onHomePage: boolean
}

/** What a team of a few people can keep, nights and weekends included: a promise that is broken is worth less. */
export const commitments: Readonly<Record<Severity, Commitment>> = {
  SEV1: {
    meaning: 'Keys, prompts or accounts are at risk, or nothing works.',
    firstNoticeWithin: 1 * hour,
    updateEvery: 2 * hour,
    postMortemWithin: 5 * day,
    onHomePage: true,
  },
  SEV2: {
    meaning: 'A main job fails for many: signing in, running prompts, reaching a provider, paying.',
    firstNoticeWithin: 4 * hour,
    updateEvery: 8 * hour,
    postMortemWithin: 10 * day,
    onHomePage: true,
  },
  SEV3: {
    meaning: 'A part is slow or fails for some, and there is a way around it.',
    firstNoticeWithin: 1 * day,
    updateEvery: 2 * day,
    postMortemWithin: null,
    onHomePage: true,
  },
  SEV4: {
    meaning: 'A flaw that hardly anybody meets, or work that was announced.',
    firstNoticeWithin: 3 * day,
    updateEvery: 7 * day,
    postMortemWithin: null,
    onHomePage: false,
  },
}

/** What the commitments of an incident are reckoned from. Times are milliseconds since the epoch. */
export interface Standing {
  readonly severity: Severity
  readonly state: IncidentState
  readonly resolvedAt: number | null
  readonly postMortemUrl: string | null
  readonly lastNoticeAt: number
}

/** What is still owed, and by when; null where nothing is. */
export interface Owed {
  readonly nextUpdateDueAt: number | null
  readonly postMortemDueAt: number | null
  /** Which of the two are late. */
  readonly overdue: readonly ('update' | 'post_mortem')[]
}

export function owedBy(incident: Standing, now: number): Owed {
  const { updateEvery, postMortemWithin } = commitments[incident.severity]
  const open = incident.state !== 'resolved'
  const nextUpdateDueAt = open ? incident.lastNoticeAt + updateEvery : null
  const analysed = incident.postMortemUrl !== null || postMortemWithin === null
  const postMortemDueAt = incident.resolvedAt === null || analysed ? null : incident.resolvedAt + postMortemWithin
  const late = (dueAt: number | null) => dueAt !== null && dueAt < now
  return {
    nextUpdateDueAt,
    postMortemDueAt,
    overdue: [
      ...(late(nextUpdateDueAt) ? (['update'] as const) : []),
      ...(late(postMortemDueAt) ? (['post_mortem'] as const) : []),
    ],
  }
}
