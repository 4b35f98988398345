import { desc, eq } from 'drizzle-orm'
import { OortError } from '../errors.ts'
import { type Id, newId } from '../ids.ts'
import type { Platform } from '../platform.ts'
import { incidents, incidentUpdates } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { type Authority, writeIncidents } from './authority.ts'
import type { NewUpdate } from './notices.ts'
import type { IncidentState } from './terms.ts'

/**
 * Where an incident may go from each state, its own included: a notice need not move it. What was taken for the cause
 * can turn out not to be it; what is resolved stays so, and what comes back is an incident of its own.
 */
const ways: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  investigating: ['investigating', 'identified', 'monitoring', 'resolved'],
  identified: ['investigating', 'identified', 'monitoring', 'resolved'],
  monitoring: ['investigating', 'identified', 'monitoring', 'resolved'],
  resolved: ['resolved'],
}

/**
 * Publishes a further notice and what it changes, in the transaction that appends `incident.updated`. The first notice
 * that says `resolved` ends the incident.
 * Throws NOT_FOUND; CONFLICT for a notice that its writer has not seen, a state that cannot follow, or a post-mortem of
 * what goes on; FORBIDDEN.
 */
export function updateIncident(
  platform: Platform,
  authority: Authority,
  incidentId: Id<'incident'>,
  given: NewUpdate,
): Promise<void> {
  return writeIncidents(platform, authority, async ({ db, now, note }) => {
    const [incident] = await db.select().from(incidents).where(eq(incidents.id, incidentId))
    if (incident === undefined) throw new OortError('NOT_FOUND')
    const { state, text, newestSeen } = given
    if (newestSeen !== undefined && newestSeen !== (await newestNotice(db, incidentId))) {
      throw new OortError('CONFLICT', { detail: 'Another notice was published since. Read it, then publish yours.' })
    }
    if (!ways[incident.state].includes(state)) {
      throw new OortError('CONFLICT', { detail: `An incident that is ${incident.state} cannot become ${state}.` })
    }
    if (given.postMortemUrl !== undefined && state !== 'resolved') {
      throw new OortError('CONFLICT', { detail: 'A post-mortem is written of an incident that is resolved.' })
    }
    const severity = given.severity ?? incident.severity
    const postMortemUrl = given.postMortemUrl ?? incident.postMortemUrl
    const resolvedAt = state === 'resolved' ? (incident.resolvedAt ?? now) : null
    await db.update(incidents).set({ state, severity, postMortemUrl, resolvedAt }).where(eq(incidents.id, incidentId))
    await db.insert(incidentUpdates).values({ id: newId('incidentUpdate'), incidentId, state, text, createdAt: now })
    await note(incidentId, { type: 'incident.updated', state, severity })
  })
}

async function newestNotice(db: Db, incidentId: Id<'incident'>): Promise<Id<'incidentUpdate'> | undefined> {
  const [newest] = await db
    .select({ id: incidentUpdates.id })
    .from(incidentUpdates)
    .where(eq(incidentUpdates.incidentId, incidentId))
    .orderBy(desc(incidentUpdates.createdAt), desc(incidentUpdates.id))
    .limit(1)
  return newest?.id
}
