import * as z from 'zod'
import { type Operation, operation } from '../../../core/http/operation.ts'
import { idOf } from '../../../core/ids.ts'
import { newUpdate } from '../../../core/incidents/notices.ts'
import { findIncident, incidentRecord } from '../../../core/incidents/read-incidents.ts'
import { updateIncident as update } from '../../../core/incidents/update-incident.ts'
import type { Platform } from '../../../core/platform.ts'

/**
 * Publishes a further notice; `resolved` ends the incident. Errors: NOT_FOUND; CONFLICT for a notice that its writer has
 * not seen, a state that cannot follow, or a post-mortem of what goes on.
 */
export function updateIncident(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/admin/incidents/:incidentId/updates',
    access: 'admin',
    summary: 'Publish a further notice about an incident',
    schema: {
      params: z.strictObject({ incidentId: idOf('incident') }),
      body: newUpdate,
      response: { 201: incidentRecord },
    },
    async handle({ id: requestId, scope: admin, params: { incidentId }, body }, reply) {
      await update(platform, { admin, requestId }, incidentId, body)
      return reply(201, await findIncident(platform, incidentId))
    },
  })
}
