import * as z from 'zod'
import { findSecondFactor } from '../../core/accounts/second-factor.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'

export function getMe(): Operation {
  return operation({
    method: 'GET',
    url: '/api/auth/me',
    access: 'session',
    summary: 'The signed-in account',
    schema: {
      response: {
        200: z.object({
          id: idOf('user'),
          email: z.string(),
          role: z.enum(['user', 'admin']),
          emailVerified: z.boolean(),
          secondFactor: z.boolean(),
          createdAt: z.int(),
        }),
      },
    },
    async handle({ scope }, reply) {
      const { id, email, role, emailVerifiedAt, createdAt } = await scope.profile()
      const secondFactor = (await findSecondFactor(scope))?.confirmed === true
      return reply(200, { id, email, role, emailVerified: emailVerifiedAt !== null, secondFactor, createdAt })
    },
  })
}
