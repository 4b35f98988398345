import * as z from 'zod'
import { requestOptionsShape } from '../../core/accounts/passkey-options.ts'
import { requestOptions } from '../../core/accounts/relying-party.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { byAddress } from './limits.ts'

/** Names no account and no passkey: the browser knows which it has for this site. Nothing is written. */
export function challengeSignIn(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/passkeys/challenge',
    access: 'public',
    summary: 'Begin to sign in with a passkey: what the browser signs',
    limit: byAddress.signIn,
    schema: { response: { 200: z.object({ options: requestOptionsShape }) } },
    handle: async (_call, reply) => reply(200, { options: await requestOptions(platform, { purpose: 'sign_in' }) }),
  })
}
