import type { PaidPlan, Plan } from '../../../../core/plans/plans.ts'
import type { SubscriptionStatus } from '../../../../core/plans/subscription-status.ts'

/** The plan and what is used of it, as `GET /api/payments/subscription` answers it. `null` is without limit. */
export interface Subscribed {
  readonly plan: Plan | 'unlimited'
  readonly limits: {
    readonly runsPerMonth: number | null
    readonly apiKeys: number | null
    readonly concurrentRuns: number | null
  }
  readonly used: { readonly runs: number; readonly runsUnderWay: number; readonly apiKeys: number }
  readonly subscription: {
    readonly status: SubscriptionStatus
    /** Milliseconds UTC. */
    readonly periodEndsAt: number | null
    readonly endsAt: number | null
  } | null
  readonly forSale: readonly PaidPlan[]
}

export const planNames: Readonly<Record<Plan, string>> = { free: 'Free', plus: 'Plus', pro: 'Pro' }
