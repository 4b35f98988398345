import * as z from 'zod'
import { bytes, type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { claimExport } from './claim-export.ts'
import type { Deliveries } from './deliveries.ts'

/**
 * The archive, made while it is downloaded: no plain text of it lies anywhere on the server. It can be taken once, by
 * the session that asked for it, within the time that the export is ready (CONFLICT otherwise). Whoever asks for its
 * length first takes nothing: METHOD_NOT_ALLOWED.
 */
export function downloadExport(platform: Platform, deliveries: Deliveries): Operation {
  return operation({
    method: 'GET',
    url: '/api/export/:exportId/download',
    access: 'session',
    head: false,
    summary: 'Download a prepared archive',
    schema: { params: z.strictObject({ exportId: idOf('export') }), response: { 200: z.string() } },
    async handle({ scope, identity, params, signal }) {
      const now = platform.clock()
      const claimed = await claimExport(scope, params.exportId, currentSession(identity), now)
      const archive = deliveries.begin(scope, claimed, signal)
      const name = `oort-export-${new Date(now).toISOString().slice(0, 10)}.zip`
      return bytes(200, 'application/zip', archive, { 'content-disposition': `attachment; filename="${name}"` })
    },
  })
}
