import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { exports } from '../../core/store/schema.ts'
import { exportSummary, summaryOf } from './export-summary.ts'

export function getExport(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/export/:exportId',
    access: 'session',
    summary: 'How far an export has come',
    schema: { params: z.strictObject({ exportId: idOf('export') }), response: { 200: exportSummary } },
    async handle({ scope, params }, reply) {
      return reply(200, summaryOf(await scope.find(exports, params.exportId), platform.clock()))
    },
  })
}
