import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { accountFacts } from './account-facts.ts'

/** Errors: NOT_FOUND. */
export function getUser(): Operation {
  return operation({
    method: 'GET',
    url: '/api/admin/users/:userId',
    access: 'admin',
    summary: 'Look at an account',
    schema: { params: z.strictObject({ userId: idOf('user') }), response: { 200: accountFacts } },
    async handle({ scope, params: { userId } }, reply) {
      return reply(200, await scope.account(userId))
    },
  })
}
