import * as z from 'zod'
import { label } from '../../core/http/label.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { passkeys } from '../../core/store/schema.ts'
import { passkeySummary } from './passkey-summary.ts'

/** Another user's passkey answers exactly like a missing one. */
export function relabelPasskey(): Operation {
  return operation({
    method: 'PATCH',
    url: '/api/auth/passkeys/:passkeyId',
    access: 'session',
    summary: 'Give a passkey another label',
    schema: {
      params: z.strictObject({ passkeyId: idOf('passkey') }),
      body: z.strictObject({ label }),
      response: { 200: passkeySummary },
    },
    async handle({ scope, params: { passkeyId }, body }, reply) {
      const relabelled = await scope.write(async (tx) => {
        await tx.update(passkeys, passkeyId, { label: body.label }, { type: 'passkey.relabelled' })
        return tx.find(passkeys, passkeyId)
      })
      return reply(200, relabelled)
    },
  })
}
