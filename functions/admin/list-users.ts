import * as z from 'zod'
import { describeAccounts } from '../../core/accounts/describe-accounts.ts'
import { emailAddress } from '../../core/accounts/email-address.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { accountOverview, roles, statuses } from './account-overview.ts'

/** Addresses are sealed: one is found when it is the very same, and no part of it. */
const idOrAddress = z.union([
  idOf('user').transform((userId) => ({ userId })),
  emailAddress.transform((email) => ({ email })),
])

/** Accounts, newest first. `query` is the id of one or its whole e-mail address. */
export function listUsers(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/admin/users',
    access: 'admin',
    summary: 'List accounts, or find one',
    schema: {
      query: z.strictObject({
        query: idOrAddress.optional(),
        role: roles.optional(),
        status: statuses.optional(),
        cursor: idOf('user').optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      }),
      response: { 200: z.object({ users: z.array(accountOverview), nextCursor: idOf('user').nullable() }) },
    },
    async handle({ scope, query: { query, role, status, cursor: before, limit } }, reply) {
      const found = await scope.accounts({ ...query, role, status, before, limit: limit + 1 })
      const page = found.slice(0, limit)
      const last = found.length > limit ? page.at(-1) : undefined
      return reply(200, { users: await describeAccounts(platform, scope, page), nextCursor: last?.id ?? null })
    },
  })
}
