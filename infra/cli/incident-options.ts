import { type Command, InvalidArgumentError, Option } from 'commander'
import type * as z from 'zod'
import { type Id, idOf } from '../../core/ids.ts'
import type { IncidentRecord } from '../../core/incidents/read-incidents.ts'
import { severities } from '../../core/incidents/terms.ts'
import type { Outcome } from './answering.ts'

export const severityOption = () => new Option('--severity <tier>', 'how bad it is').choices(severities)
export const textOption = () => new Option('--text <text>', 'the notice that everybody will read').makeOptionMandatory()

/** The id of an incident, as an argument. */
export function incidentId(text: string): Id<'incident'> {
  const parsed = idOf('incident').safeParse(text)
  if (!parsed.success) throw new InvalidArgumentError('An incident is named by its id: see `oort incident list`.')
  return parsed.data
}

/** What was typed, held to the same schema as over HTTP. Ends the command with 64 for what it refuses. */
export function held<Z extends z.ZodType>(command: Command, schema: Z, typed: object): z.output<Z> {
  const parsed = schema.safeParse(typed)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return command.error(problems.join('\n'), { exitCode: 64 })
}

/** An incident, its id first, and by when what about it is due. */
export function describeIncident(incident: IncidentRecord): string {
  const { id, severity, state, title, nextUpdateDueAt, postMortemDueAt, overdue } = incident
  const due = (what: 'update' | 'post_mortem', name: string, at: number | null) =>
    at === null ? [] : [`${overdue.includes(what) ? 'LATE: ' : ''}${name} due ${new Date(at).toISOString()}`]
  const owed = [...due('update', 'next notice', nextUpdateDueAt), ...due('post_mortem', 'post-mortem', postMortemDueAt)]
  return [id, severity, state, title, ...owed].join('  ')
}

export function outcomeOf(incident: IncidentRecord): Outcome {
  return { data: incident, text: describeIncident(incident) }
}
