import type { Command } from 'commander'
import type { Id } from '../../core/ids.ts'
import { newUpdate } from '../../core/incidents/notices.ts'
import { findIncident } from '../../core/incidents/read-incidents.ts'
import { updateIncident } from '../../core/incidents/update-incident.ts'
import type { Outcome } from './answering.ts'
import { held, outcomeOf } from './incident-options.ts'
import { withPlatform } from './with-platform.ts'

/** Publishes a notice as it was typed. Throws what `updateIncident` throws. */
export function publishUpdate(command: Command, id: Id<'incident'>, typed: object): Promise<Outcome> {
  const given = held(command, newUpdate, typed)
  return withPlatform(async (platform) => {
    await updateIncident(platform, 'console', id, given)
    return outcomeOf(await findIncident(platform, id))
  })
}
