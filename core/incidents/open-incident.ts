import { minute } from '../clock.ts'
import { OortError } from '../errors.ts'
import { type Id, newId } from '../ids.ts'
import type { Platform } from '../platform.ts'
import { incidents, incidentUpdates } from '../store/schema.ts'
import { type Authority, writeIncidents } from './authority.ts'
import type { NewIncident } from './notices.ts'

/** Clocks of two machines differ, but not by more. */
const clockSkew = 5 * minute

/**
 * Opens an incident with its first notice, in the transaction that appends `incident.opened`; everybody sees it from
 * then on. Throws BODY_INVALID for a beginning that is yet to come, and FORBIDDEN.
 */
export function openIncident(platform: Platform, authority: Authority, given: NewIncident): Promise<Id<'incident'>> {
  const { text, startedAt, state, severity, title, components } = given
  return writeIncidents(platform, authority, async ({ db, now, note }) => {
    if (startedAt !== undefined && startedAt > now + clockSkew) {
      throw new OortError('BODY_INVALID', { issues: [{ pointer: '/startedAt', message: 'This time is yet to come' }] })
    }
    const id = newId('incident')
    const began = Math.min(startedAt ?? now, now)
    await db.insert(incidents).values({ id, severity, title, components, state, startedAt: began, createdAt: now })
    await db
      .insert(incidentUpdates)
      .values({ id: newId('incidentUpdate'), incidentId: id, state, text, createdAt: now })
    await note(id, { type: 'incident.opened', severity })
    return id
  })
}
