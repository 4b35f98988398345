import * as z from 'zod'
import { mostPasskeys } from '../../core/accounts/passkeys.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { passkeys } from '../../core/store/schema.ts'
import { passkeySummary } from './passkey-summary.ts'

/** Newest first. There are few enough for one page. */
export function listPasskeys(): Operation {
  return operation({
    method: 'GET',
    url: '/api/auth/passkeys',
    access: 'session',
    summary: 'List your passkeys',
    schema: { response: { 200: z.object({ passkeys: z.array(passkeySummary) }) } },
    handle: async ({ scope }, reply) => reply(200, { passkeys: await scope.list(passkeys, { limit: mostPasskeys }) }),
  })
}
