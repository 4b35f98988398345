import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { recoveryCodes } from '../../core/store/schema.ts'

export function countRecoveryCodes(): Operation {
  return operation({
    method: 'GET',
    url: '/api/auth/recovery-codes',
    access: 'session',
    summary: 'How many recovery codes are left',
    schema: { response: { 200: z.object({ unused: z.int() }) } },
    handle: async ({ scope }, reply) => reply(200, { unused: await scope.count(recoveryCodes) }),
  })
}
