import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf, type ProviderKeyId } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import type { UserScope, UserTransaction } from '../../core/scope/user-scope.ts'
import { providerKeys } from '../../core/store/schema.ts'
import type { KeyCheck } from './check-key.ts'
import { keySummary, summaryOf } from './key-summary.ts'

/**
 * Asks the provider whether it still accepts a stored key. Opening the key stands in its ledger, whatever comes of it;
 * the provider is asked outside of any transaction. A refusal is kept: the key is then no longer verified.
 * Errors: NOT_FOUND, CONFLICT when the key was replaced meanwhile, and those of KeyCheck.
 */
export function verifyKey(platform: Platform, check: KeyCheck): Operation {
  return operation({
    method: 'POST',
    url: '/api/keys/:keyId/verify',
    access: 'session',
    summary: 'Ask the provider whether it accepts a stored key',
    schema: { params: z.strictObject({ keyId: idOf('providerKey') }), response: { 200: keySummary } },
    async handle({ scope, params: { keyId }, signal }, reply) {
      const { provider, fingerprint, secret } = await openKey(scope, keyId)
      const refusal = await check({ userId: scope.userId, signal }, provider, secret).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof OortError && error.code === 'PROVIDER_KEY_REFUSED') return error
          throw error
        },
      )
      const verifiedAt = refusal === undefined ? platform.clock() : null
      const type = refusal === undefined ? 'key.verified' : 'key.refused'
      await scope.write(async (tx) => {
        await refuseReplaced(tx, keyId, fingerprint)
        await tx.update(providerKeys, keyId, { verifiedAt }, { type })
      })
      if (refusal !== undefined) throw refusal
      return reply(200, await summaryOf(scope, await scope.find(providerKeys, keyId)))
    },
  })
}

function openKey(scope: UserScope, keyId: ProviderKeyId) {
  return scope.write(async (tx) => {
    const { provider, fingerprint } = await tx.find(providerKeys, keyId)
    const secret = await tx.unseal(providerKeys, keyId, 'secret', { type: 'key.used', purpose: 'verification' })
    return { provider, fingerprint, secret }
  })
}

/** The provider's word was about the key that was opened, not about the one that has taken its place. */
async function refuseReplaced(tx: UserTransaction, keyId: ProviderKeyId, fingerprint: string): Promise<void> {
  if ((await tx.find(providerKeys, keyId)).fingerprint === fingerprint) return
  throw new OortError('CONFLICT', { detail: 'The key was replaced while the provider was asked.' })
}
