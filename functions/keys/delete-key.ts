import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { providerKeys } from '../../core/store/schema.ts'

/**
 * Removes a key at once, and its bytes from the disk: `bytesErased` is false when a reader of the database kept the
 * write-ahead log from being emptied in time. Another user's key answers exactly like a missing one.
 */
export function deleteKey(platform: Platform): Operation {
  return operation({
    method: 'DELETE',
    url: '/api/keys/:keyId',
    access: 'session',
    summary: 'Delete a provider key',
    schema: {
      params: z.strictObject({ keyId: idOf('providerKey') }),
      response: { 200: z.object({ bytesErased: z.boolean() }) },
    },
    async handle({ scope, params }, reply) {
      await scope.write((tx) => tx.delete(providerKeys, params.keyId, { type: 'key.deleted' }))
      return reply(200, { bytesErased: await platform.eraseTraces([providerKeys]) })
    },
  })
}
