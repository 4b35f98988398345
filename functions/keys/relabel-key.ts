import * as z from 'zod'
import { label } from '../../core/http/label.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { providerKeys } from '../../core/store/schema.ts'
import { keySummary, summaryOf } from './key-summary.ts'

/** Another user's key answers exactly like a missing one. */
export function relabelKey(platform: Platform): Operation {
  return operation({
    method: 'PATCH',
    url: '/api/keys/:keyId',
    access: 'session',
    summary: 'Give a provider key another label',
    schema: {
      params: z.strictObject({ keyId: idOf('providerKey') }),
      body: z.strictObject({ label }),
      response: { 200: keySummary },
    },
    async handle({ scope, params: { keyId }, body }, reply) {
      const patch = { label: body.label, updatedAt: platform.clock() }
      const relabelled = await scope.write(async (tx) => {
        await tx.update(providerKeys, keyId, patch, { type: 'key.relabelled' })
        return tx.find(providerKeys, keyId)
      })
      return reply(200, await summaryOf(scope, relabelled))
    },
  })
}
