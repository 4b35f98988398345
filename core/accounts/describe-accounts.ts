import { newId } from '../ids.ts'
import { entitlementsOf } from '../plans/entitlements.ts'
import type { Entitlements } from '../plans/plans.ts'
import { insideOf, type Platform } from '../platform.ts'
import type { AccountFacts, AdminScope } from '../scope/admin-scope.ts'
import { createUserScope } from '../scope/user-scope.ts'
import { isAlive } from '../session/session-cookie.ts'
import { apiKeys, passkeys, providerKeys, runs, sessions } from '../store/schema.ts'
import { findSecondFactor } from './second-factor.ts'

/** An account with what it holds, in numbers. */
export interface AccountOverview extends AccountFacts {
  readonly runs: number
  readonly providerKeys: number
  readonly apiKeys: number
  /** Signed-in browsers. */
  readonly sessions: number
  readonly passkeys: number
  /** Whether a password alone does not sign in. */
  readonly secondFactor: boolean
  /** The last sight of a session or use of an API key, of those that are still there. To five minutes. */
  readonly lastSeenAt: number | null
  readonly plan: Entitlements['plan']
}

/** More than anybody has of what is listed here to be looked at. */
const all = 1_000

/**
 * Completes accounts by numbers. The scopes of their owners are asked to count and stay in here: what leaves holds
 * nothing that anybody wrote. `admin` is the caller's proof of being an administrator.
 */
export async function describeAccounts(
  platform: Platform,
  { adminId }: AdminScope,
  accounts: readonly AccountFacts[],
): Promise<AccountOverview[]> {
  const now = platform.clock()
  const actor = { kind: 'admin', id: adminId, requestId: newId('request') } as const
  const described: AccountOverview[] = []
  for (const account of accounts) {
    const owner = createUserScope(insideOf(platform), account.id, actor)
    const keys = await owner.list(apiKeys, { limit: all })
    const alive = (await owner.list(sessions, { limit: all })).filter((session) => isAlive(session, now))
    const sights = [...alive.map(({ lastSeenAt }) => lastSeenAt), ...keys.map(({ lastUsedAt }) => lastUsedAt ?? 0)]
    described.push({
      ...account,
      runs: await owner.count(runs),
      providerKeys: await owner.count(providerKeys),
      apiKeys: keys.length,
      sessions: alive.length,
      passkeys: await owner.count(passkeys),
      secondFactor: (await findSecondFactor(owner))?.confirmed ?? false,
      lastSeenAt: Math.max(0, ...sights) || null,
      plan: (await entitlementsOf(platform.config, owner)).plan,
    })
  }
  return described
}
