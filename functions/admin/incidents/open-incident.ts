import { type Operation, operation } from '../../../core/http/operation.ts'
import { newIncident } from '../../../core/incidents/notices.ts'
import { openIncident as open } from '../../../core/incidents/open-incident.ts'
import { findIncident, incidentRecord } from '../../../core/incidents/read-incidents.ts'
import type { Platform } from '../../../core/platform.ts'

/** Tells everybody of an incident, with its first notice. Errors: BODY_INVALID for a beginning that is yet to come. */
export function openIncident(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/admin/incidents',
    access: 'admin',
    summary: 'Open an incident',
    schema: { body: newIncident, response: { 201: incidentRecord } },
    async handle({ id: requestId, scope: admin, body }, reply) {
      const id = await open(platform, { admin, requestId }, body)
      return reply(201, await findIncident(platform, id))
    },
  })
}
