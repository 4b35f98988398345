import type { UserScope } from '../../core/scope/user-scope.ts'
import { billingAccounts } from '../../core/store/schema.ts'
import { ask, type Till } from './till.ts'

/**
 * The user as a customer of Stripe, who is made at the first purchase. Stripe learns the user's id and no address:
 * what a payer wants to tell it, a payer types there. Two requests at once make one customer, by Stripe's idempotency.
 */
export async function customerOf({ stripe }: Till, scope: UserScope): Promise<string> {
  const [known] = await scope.list(billingAccounts, { limit: 1 })
  if (known !== undefined) return known.customerId
  const { userId } = scope
  const idempotencyKey = `oort-customer-${userId}`
  const { id: customerId } = await ask(stripe.customers.create({ metadata: { oort_user: userId } }, { idempotencyKey }))
  return scope.write(async (tx) => {
    const [meanwhile] = await tx.list(billingAccounts, { limit: 1 })
    const account = meanwhile ?? (await tx.insert(billingAccounts, { customerId }, { type: 'billing.opened' }))
    return account.customerId
  })
}
