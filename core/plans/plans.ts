/** What an account may use. `null` is without limit. */
export interface Entitlements {
  readonly plan: Plan | 'unlimited'
  /** Runs that a provider began to answer, in a calendar month (UTC). */
  readonly runsPerMonth: number | null
  /** API keys held at once, expired ones included. */
  readonly apiKeys: number | null
  /** Runs under way at once. */
  readonly concurrentRuns: number | null
}

/**
 * Plans by what they allow, the smallest first. An account without a paid subscription has `free`. Each lets a prompt
 * go to four models at once, which is a comparison.
 */
export const plans = {
  free: { runsPerMonth: 200, apiKeys: 5, concurrentRuns: 4 },
  plus: { runsPerMonth: 5_000, apiKeys: 10, concurrentRuns: 16 },
  pro: { runsPerMonth: 100_000, apiKeys: 50, concurrentRuns: 64 },
} as const satisfies Record<string, Omit<Entitlements, 'plan'>>

export type Plan = keyof typeof plans
export type PaidPlan = Exclude<Plan, 'free'>

/** The plans that are sold, the smallest first. */
export const paidPlans = ['plus', 'pro'] as const satisfies readonly PaidPlan[]

/** An Oort that takes no payments limits nobody. */
export const unlimited: Entitlements = {
  plan: 'unlimited',
  runsPerMonth: null,
  apiKeys: null,
  concurrentRuns: null,
}
