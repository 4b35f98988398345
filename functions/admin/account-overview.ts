import * as z from 'zod'
import { type AccountOverview, describeAccounts } from '../../core/accounts/describe-accounts.ts'
import { idOf, type UserId } from '../../core/ids.ts'
import { paidPlans } from '../../core/plans/plans.ts'
import type { Platform } from '../../core/platform.ts'
import type { AdminScope } from '../../core/scope/admin-scope.ts'

export const roles = z.enum(['user', 'admin'])
export const statuses = z.enum(['active', 'suspended'])

/** An account as an administrator sees it. Times are milliseconds since the epoch. */
export const accountOverview = z.object({
  id: idOf('user'),
  role: roles,
  status: statuses,
  emailVerifiedAt: z.int().nullable(),
  createdAt: z.int(),
  /** To five minutes; null when nothing that could have been seen is left. */
  lastSeenAt: z.int().nullable(),
  secondFactor: z.boolean(),
  plan: z.enum(['unlimited', 'free', ...paidPlans]),
  runs: z.int(),
  providerKeys: z.int(),
  apiKeys: z.int(),
  sessions: z.int(),
  passkeys: z.int(),
})

/** Throws NOT_FOUND. */
export async function overviewOf(platform: Platform, scope: AdminScope, userId: UserId): Promise<AccountOverview> {
  const [overview] = await describeAccounts(platform, scope, [await scope.account(userId)])
  if (overview === undefined) throw new RangeError('one account has one overview')
  return overview
}
