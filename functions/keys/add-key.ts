import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { label } from '../../core/http/label.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { fingerprintOf } from '../../core/keys/fingerprint.ts'
import type { Platform } from '../../core/platform.ts'
import { providerKeys } from '../../core/store/schema.ts'
import type { KeyCheck } from './check-key.ts'
import { keySummary, refuseHeld, summaryOf } from './key-summary.ts'
import { keyText, readKey, readProvider } from './key-text.ts'

const mostKeys = 50

/**
 * Seals a provider key for its owner. With `verify` the provider is asked first, and nothing is stored unless it
 * accepts the key. Errors: PROVIDER_UNKNOWN, PROVIDER_KEY_MALFORMED, CONFLICT for a key that the user holds already,
 * LIMIT_REACHED, and those of KeyCheck.
 */
export function addKey(platform: Platform, check: KeyCheck): Operation {
  return operation({
    method: 'POST',
    url: '/api/keys',
    access: 'session',
    summary: 'Add a provider key',
    schema: {
      body: z.strictObject({
        provider: z.string().max(200),
        key: keyText,
        label: label.optional(),
        verify: z.boolean().optional(),
      }),
      response: { 201: keySummary },
    },
    async handle({ scope, body, signal }, reply) {
      const provider = readProvider(body.provider)
      const secret = readKey(provider, body.key)
      const { userId } = scope
      if (body.verify === true) await check({ userId, signal }, provider, secret)
      const now = platform.clock()
      const fingerprint = fingerprintOf(platform, userId, provider, secret)
      const row = {
        provider,
        label: body.label ?? provider,
        lastFour: secret.slice(-4),
        fingerprint,
        secret,
        verifiedAt: body.verify === true ? now : null,
        updatedAt: now,
      }
      const added = await scope.write(async (tx) => {
        await refuseHeld(tx, fingerprint)
        if ((await tx.count(providerKeys)) >= mostKeys) {
          throw new OortError('LIMIT_REACHED', { detail: `An account holds at most ${mostKeys} provider keys.` })
        }
        return tx.insert(providerKeys, row, { type: 'key.added', provider })
      })
      return reply(201, await summaryOf(scope, added))
    },
  })
}
