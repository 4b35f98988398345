import * as z from 'zod'
import { idOf } from '../ids.ts'
import { incidentRecord } from './read-incidents.ts'
import { componentStates, components, incidentStates, severities } from './terms.ts'

const state = z.enum(componentStates)

/** One day of a component (UTC). */
const statusDay = z.object({
  /** Such as `2026-11-24`. */
  day: z.string(),
  /** The worst that any probe of the day found; null on a day without probes: no data, not up. */
  worst: state.nullable(),
  /** The share of probes, 0 to 1, that did not find it failed; null on a day without probes. */
  uptime: z.number().nullable(),
})

const statusComponent = z.object({
  name: z.enum(components),
  /** What the newest probe found; null when none has looked in the last five minutes. */
  state: state.nullable(),
  /** Since when the probes have found this; null with `state`. */
  since: z.int().nullable(),
  /** Null with `state`. */
  probedAt: z.int().nullable(),
  /** Over all the days that follow; null without any probe. */
  uptime: z.number().nullable(),
  /** 90 days, oldest first, today last. */
  days: z.array(statusDay),
})

/** What a severity commits us to. Minutes, so that they can be read. */
const statusCommitment = z.object({
  severity: z.enum(severities),
  meaning: z.string(),
  firstNoticeWithinMinutes: z.int(),
  updateEveryMinutes: z.int(),
  /** Null where no post-mortem is owed. */
  postMortemWithinMinutes: z.int().nullable(),
})

/** A line for the home page, about one open incident: its newest notice. */
const statusNotice = z.object({
  incidentId: idOf('incident'),
  severity: z.enum(severities),
  title: z.string(),
  state: z.enum(incidentStates),
  text: z.string(),
  startedAt: z.int(),
  updatedAt: z.int(),
})

/**
 * How Oort is, for anybody. Times are milliseconds since the epoch, UTC; texts are plain, with line feeds. `state` is
 * the worst of the components', null when nothing is known of any.
 */
export const statusRecord = z.object({
  state: state.nullable(),
  /** Those that are configured here, always in the same order. */
  components: z.array(statusComponent),
  /** What the home page shows: open incidents that matter to everybody, the worst first. */
  notices: z.array(statusNotice),
  /** Newest first. `commitments` has the line of each one's severity. */
  openIncidents: z.array(incidentRecord),
  /** Those that ended in the last 90 days, newest first. */
  pastIncidents: z.array(incidentRecord),
  /** One for each severity, the worst first. */
  commitments: z.array(statusCommitment),
})

export type Status = z.output<typeof statusRecord>
