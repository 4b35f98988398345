import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { providerKeys } from '../../core/store/schema.ts'
import { keySummary, summaryOf } from './key-summary.ts'

/** Another user's key answers exactly like a missing one. */
export function getKey(): Operation {
  return operation({
    method: 'GET',
    url: '/api/keys/:keyId',
    access: 'session',
    summary: 'Look at a provider key',
    schema: { params: z.strictObject({ keyId: idOf('providerKey') }), response: { 200: keySummary } },
    async handle({ scope, params }, reply) {
      return reply(200, await summaryOf(scope, await scope.find(providerKeys, params.keyId)))
    },
  })
}
