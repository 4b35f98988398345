import * as z from 'zod'
import { day } from '../../core/clock.ts'
import { issueToken } from '../../core/crypto/tokens.ts'
import { OortError } from '../../core/errors.ts'
import { label } from '../../core/http/label.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { entitlementsOf } from '../../core/plans/entitlements.ts'
import type { Platform } from '../../core/platform.ts'
import type { UserTransaction } from '../../core/scope/user-scope.ts'
import { tokenScopes } from '../../core/session/token-scopes.ts'
import { apiKeys } from '../../core/store/schema.ts'
import { apiKeySummary, apiKeySummaryOf } from './api-key-summary.ts'

const mostApiKeys = 50

const scopes = z
  .array(z.enum(tokenScopes))
  .min(1)
  .max(tokenScopes.length)
  .refine((named) => new Set(named).size === named.length, 'Each scope is named once')

/**
 * Issues an API key for a program. The answer is the only place where the key ever stands: its hash alone is kept, and
 * for the same reason the answer is not kept for an Idempotency-Key.
 * Errors: LIMIT_REACHED, PLAN_LIMIT_REACHED.
 */
export function issueApiKey(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/api-keys',
    access: 'session',
    summary: 'Issue an API key for a program',
    schema: {
      body: z.strictObject({ name: label, scopes, expiresInDays: z.int().min(1).max(365).optional() }),
      response: { 201: apiKeySummary.extend({ token: z.string() }) },
    },
    async handle({ scope, body: { name, scopes, expiresInDays } }, reply) {
      const { token, hash, lastFour } = issueToken()
      const expiresAt = expiresInDays === undefined ? null : platform.clock() + expiresInDays * day
      const issued = await scope.write(async (tx) => {
        await refuseTooMany(platform, tx)
        const row = { name, hash, lastFour, scopes, expiresAt }
        return tx.insert(apiKeys, row, { type: 'api_key.issued', scopes })
      })
      return reply(201, { ...apiKeySummaryOf(issued), token })
    },
  })
}

async function refuseTooMany({ config }: Platform, tx: UserTransaction): Promise<void> {
  const held = await tx.count(apiKeys)
  if (held >= mostApiKeys) {
    throw new OortError('LIMIT_REACHED', { detail: `An account holds at most ${mostApiKeys} API keys.` })
  }
  const { apiKeys: allowed } = await entitlementsOf(config, tx)
  if (allowed !== null && held >= allowed) {
    throw new OortError('PLAN_LIMIT_REACHED', { detail: `Your plan has ${allowed} API keys.` })
  }
}
