import type { Config } from '../config.ts'
import type { ScopedReads } from '../scope/user-scope.ts'
import { subscriptions } from '../store/schema.ts'
import { type Entitlements, type Plan, paidPlans, plans, unlimited } from './plans.ts'
import { isEntitling } from './subscription-status.ts'

/** More than anyone has: people subscribe once, and again when they come back. */
const mostSubscriptions = 100

/**
 * What the user may use now. Ask it inside the transaction that the answer decides, so that no two requests share what
 * is left. Where no payments are taken nobody is limited, and nothing is looked up.
 */
export async function entitlementsOf({ payments }: Config, user: ScopedReads): Promise<Entitlements> {
  if (payments === undefined) return unlimited
  const rows = await user.list(subscriptions, { limit: mostSubscriptions })
  const paid = new Set(rows.filter(({ status }) => isEntitling(status)).flatMap(({ priceIds }) => priceIds))
  const plan: Plan = paidPlans.findLast((each) => paid.has(payments.prices[each] ?? '')) ?? 'free'
  return { plan, ...plans[plan] }
}
