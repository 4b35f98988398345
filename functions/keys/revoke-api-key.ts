import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { apiKeys } from '../../core/store/schema.ts'

/** The next request with the key is refused. Another user's API key answers exactly like a missing one. */
export function revokeApiKey(): Operation {
  return operation({
    method: 'DELETE',
    url: '/api/api-keys/:apiKeyId',
    access: 'session',
    summary: 'Revoke an API key',
    schema: { params: z.strictObject({ apiKeyId: idOf('apiKey') }), response: { 204: z.null() } },
    async handle({ scope, params }, reply) {
      await scope.write((tx) => tx.delete(apiKeys, params.apiKeyId, { type: 'api_key.revoked' }))
      return reply(204, null)
    },
  })
}
