import { type and, desc, eq, gte, inArray, isNull, lt, or } from 'drizzle-orm'
import * as z from 'zod'
import { OortError } from '../errors.ts'
import { type Id, idOf } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { incidents, incidentUpdates } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { owedBy } from './commitments.ts'
import { components, incidentStates, severities } from './terms.ts'

/** An incident as anybody may see it. Times are milliseconds since the epoch, UTC. */
export const incidentRecord = z.object({
  id: idOf('incident'),
  severity: z.enum(severities),
  title: z.string(),
  components: z.array(z.enum(components)),
  state: z.enum(incidentStates),
  startedAt: z.int(),
  /** Null while it goes on. */
  resolvedAt: z.int().nullable(),
  postMortemUrl: z.string().nullable(),
  /** The notices, newest first; never none. `text` is plain text, with line feeds. */
  updates: z.array(
    z.object({ id: idOf('incidentUpdate'), state: z.enum(incidentStates), text: z.string(), at: z.int() }),
  ),
  /** By when the next notice is due; null once it is resolved. */
  nextUpdateDueAt: z.int().nullable(),
  /** By when its analysis is due; null before its end, where none is owed, and when it is published. */
  postMortemDueAt: z.int().nullable(),
  /** What is late. */
  overdue: z.array(z.enum(['update', 'post_mortem'])),
})

export type IncidentRecord = z.output<typeof incidentRecord>

/** Incidents of any age, newest first, from below the one that `before` names. */
export function listIncidents(
  platform: Platform,
  { before, limit }: { readonly before: Id<'incident'> | undefined; readonly limit: number },
): Promise<IncidentRecord[]> {
  const { store, clock } = insideOf(platform)
  return read(store.read, clock(), before === undefined ? undefined : lt(incidents.id, before), limit)
}

/** One incident. Throws NOT_FOUND. */
export async function findIncident(platform: Platform, id: Id<'incident'>): Promise<IncidentRecord> {
  const { store, clock } = insideOf(platform)
  const [found] = await read(store.read, clock(), eq(incidents.id, id), 1)
  if (found === undefined) throw new OortError('NOT_FOUND')
  return found
}

/** Incidents that go on, and those that went on at `since` or later, newest first. */
export function incidentsSince(db: Db, since: number, now: number): Promise<IncidentRecord[]> {
  return read(db, now, or(isNull(incidents.resolvedAt), gte(incidents.resolvedAt, since)), mostShown)
}

/** More than a house that works has in a season; so many that an answer stays small. */
const mostShown = 100

async function read(db: Db, now: number, where: ReturnType<typeof and>, limit: number): Promise<IncidentRecord[]> {
  const rows = await db.select().from(incidents).where(where).orderBy(desc(incidents.id)).limit(limit)
  const ids = rows.map(({ id }) => id)
  const notices = await db
    .select()
    .from(incidentUpdates)
    .where(inArray(incidentUpdates.incidentId, ids))
    .orderBy(desc(incidentUpdates.createdAt), desc(incidentUpdates.id))
  return rows.map(({ createdAt, ...row }) => {
    const updates = notices
      .filter(({ incidentId }) => incidentId === row.id)
      .map(({ id, state, text, createdAt: at }) => ({ id, state, text, at }))
    const lastNoticeAt = updates[0]?.at ?? createdAt
    const { overdue, ...due } = owedBy({ ...row, lastNoticeAt }, now)
    return { ...row, components: [...row.components], updates, ...due, overdue: [...overdue] }
  })
}
