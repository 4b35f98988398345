import { OortError } from '../../core/errors.ts'
import { hasEnded, subscriptionStatuses } from '../../core/plans/subscription-status.ts'
import type { ScopedReads } from '../../core/scope/user-scope.ts'
import { subscriptions } from '../../core/store/schema.ts'
import { ask, type Till } from './till.ts'

/** More than anyone has: whoever has one that goes on cannot buy another. */
const mostSubscriptions = 100

/** One that is incomplete waits for a first payment that may never come, and a new purchase may take its place. */
const leavesRoom: ReadonlySet<string> = new Set(
  subscriptionStatuses.filter((status) => hasEnded(status) || status === 'incomplete'),
)

/** Throws CONFLICT for a user who has a subscription, as far as Stripe has told of it. */
export async function refuseSubscribed(scope: ScopedReads): Promise<void> {
  refuseAnyOf(await scope.list(subscriptions, { limit: mostSubscriptions }))
}

/** Throws CONFLICT for a customer who has a subscription at Stripe, which may be about to tell of it. */
export async function refuseSubscribedCustomer({ stripe }: Till, customer: string): Promise<void> {
  const { data } = await ask(stripe.subscriptions.list({ customer, status: 'all', limit: mostSubscriptions }))
  refuseAnyOf(data)
}

/** Any other stands in the way, also one that Stripe has yet to invent. */
function refuseAnyOf(found: readonly { readonly status: string }[]): void {
  if (found.every(({ status }) => leavesRoom.has(status))) return
  throw new OortError('CONFLICT', { detail: 'You have a subscription: change it in the billing portal.' })
}
