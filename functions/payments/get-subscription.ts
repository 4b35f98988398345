import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { entitlementsOf } from '../../core/plans/entitlements.ts'
import { paidPlans } from '../../core/plans/plans.ts'
import { runUsageOf } from '../../core/plans/reserve-run.ts'
import { hasEnded, subscriptionStatuses } from '../../core/plans/subscription-status.ts'
import type { Platform } from '../../core/platform.ts'
import type { Row } from '../../core/scope/owned-table.ts'
import { apiKeys, subscriptions } from '../../core/store/schema.ts'

const subscription = z.object({
  status: z.enum(subscriptionStatuses),
  /** When what is paid for ends, and when the subscription does, where that is decided. Milliseconds. */
  periodEndsAt: z.int().nullable(),
  endsAt: z.int().nullable(),
})

/** The user's plan, what it allows (null: without limit), and how much of that is used. */
export function getSubscription(platform: Platform): Operation {
  const { payments } = platform.config
  const forSale = paidPlans.filter((plan) => payments?.prices[plan] !== undefined)
  return operation({
    method: 'GET',
    url: '/api/payments/subscription',
    access: 'session',
    summary: 'Your plan and what you have used of it',
    schema: {
      response: {
        200: z.object({
          plan: z.enum(['unlimited', 'free', ...paidPlans]),
          limits: z.object({
            runsPerMonth: z.int().nullable(),
            apiKeys: z.int().nullable(),
            concurrentRuns: z.int().nullable(),
          }),
          /** `runs` are those of this calendar month (UTC) that count. Without payments they are not counted. */
          used: z.object({ runs: z.int(), runsUnderWay: z.int(), apiKeys: z.int() }),
          subscription: subscription.nullable(),
          forSale: z.array(z.enum(paidPlans)).readonly(),
        }),
      },
    },
    async handle({ scope }, reply) {
      const { plan, ...limits } = await entitlementsOf(platform.config, scope)
      const { counted: runs, underWay: runsUnderWay } = await runUsageOf(platform, scope.userId)
      const used = { runs, runsUnderWay, apiKeys: await scope.count(apiKeys) }
      const rows = await scope.list(subscriptions, { limit: 100 })
      const newest = rows.find(({ status }) => !hasEnded(status)) ?? rows[0]
      return reply(200, { plan, limits, used, subscription: newest === undefined ? null : told(newest), forSale })
    },
  })
}

function told({ status, periodEndsAt, endsAt }: Row<typeof subscriptions>): z.output<typeof subscription> {
  return { status, periodEndsAt, endsAt }
}
