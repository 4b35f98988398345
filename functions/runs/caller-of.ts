import type { RunCaller } from '../../core/runs/run-order.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import type { Identity } from '../../core/session/identity.ts'

/**
 * Who runs something, as the executor wants to know it. Their leaving ends the run, unless it is to keep running.
 */
export function callerOf(
  call: {
    readonly scope: UserScope
    readonly identity: Identity
    readonly signal: AbortSignal
  },
  keepRunning = false,
): RunCaller {
  const { scope, identity } = call
  const signal = keepRunning ? new AbortController().signal : call.signal
  return { scope, signal, apiKeyId: identity.via === 'api_key' ? identity.apiKeyId : null }
}
