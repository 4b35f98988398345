import type { RunCaller } from '../../core/runs/run-order.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import type { Identity } from '../../core/session/identity.ts'

/** Who runs something, as the executor wants to know it. */
export function callerOf(call: {
  readonly scope: UserScope
  readonly identity: Identity
  readonly signal: AbortSignal
}): RunCaller {
  const { scope, identity, signal } = call
  return { scope, signal, apiKeyId: identity.via === 'api_key' ? identity.apiKeyId : null }
}
