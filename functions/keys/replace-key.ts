import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { fingerprintOf } from '../../core/keys/fingerprint.ts'
import type { Platform } from '../../core/platform.ts'
import { providerKeys } from '../../core/store/schema.ts'
import type { KeyCheck } from './check-key.ts'
import { keySummary, refuseHeld, summaryOf } from './key-summary.ts'
import { keyText, readKey } from './key-text.ts'

/**
 * Puts a new key of the same provider in the place of a stored one, for rotation: runs that name the record go on.
 * The old key's bytes leave the disk with it; `bytesErased` tells whether that is done. With `verify` the old key stays
 * unless the provider accepts the new one.
 * Errors: NOT_FOUND, PROVIDER_KEY_MALFORMED, CONFLICT for a key that the user holds already, and those of KeyCheck.
 */
export function replaceKey(platform: Platform, check: KeyCheck): Operation {
  return operation({
    method: 'PUT',
    url: '/api/keys/:keyId',
    access: 'session',
    summary: 'Replace a provider key by a new one',
    schema: {
      params: z.strictObject({ keyId: idOf('providerKey') }),
      body: z.strictObject({ key: keyText, verify: z.boolean().optional() }),
      response: { 200: keySummary.extend({ bytesErased: z.boolean() }) },
    },
    async handle({ scope, params: { keyId }, body, signal }, reply) {
      const { provider } = await scope.find(providerKeys, keyId)
      const secret = readKey(provider, body.key)
      const { userId } = scope
      if (body.verify === true) await check({ userId, signal }, provider, secret)
      const now = platform.clock()
      const fingerprint = fingerprintOf(platform, userId, provider, secret)
      const patch = {
        secret,
        lastFour: secret.slice(-4),
        fingerprint,
        verifiedAt: body.verify === true ? now : null,
        updatedAt: now,
      }
      const replaced = await scope.write(async (tx) => {
        // The record first: for one that is gone, nothing else is told.
        await tx.find(providerKeys, keyId)
        await refuseHeld(tx, fingerprint)
        await tx.update(providerKeys, keyId, patch, { type: 'key.replaced' })
        return tx.find(providerKeys, keyId)
      })
      const bytesErased = await platform.eraseTraces([providerKeys])
      return reply(200, { ...(await summaryOf(scope, replaced)), bytesErased })
    },
  })
}
