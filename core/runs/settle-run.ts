import type { Config } from '../config.ts'
import type { OortError } from '../errors.ts'
import { settleReservation } from '../plans/reserve-run.ts'
import type { UserScope } from '../scope/user-scope.ts'
import { runs } from '../store/schema.ts'
import { costOf } from './pricing.ts'
import type { Run } from './run-order.ts'
import { canGo, type FinalState, runStates } from './run-state.ts'
import type { Account } from './tally.ts'

/** How a run ended. */
export interface Ending {
  readonly account: Account
  /** Why it failed, or undefined when the answer is whole. */
  readonly failure: OortError | undefined
  readonly firstByteAt: number | null
  readonly finishedAt: number
}

/** The last word on a run, as it is written. */
export type Settlement = Pick<
  Run,
  | 'state'
  | 'inputTokens'
  | 'outputTokens'
  | 'usageEstimated'
  | 'costMicroUsd'
  | 'finishReason'
  | 'errorCode'
  | 'firstByteAt'
  | 'finishedAt'
> & { readonly state: FinalState }

/** The state that a failure leaves a run in. A process that stops interrupts; a caller who leaves cancels. */
function stateAfter(failure: OortError | undefined): FinalState {
  if (failure === undefined) return 'succeeded'
  if (failure.code === 'RUN_CANCELLED') return 'cancelled'
  return failure.code === 'SHUTTING_DOWN' ? 'interrupted' : 'failed'
}

export function settlementOf(run: Run, { account, failure, firstByteAt, finishedAt }: Ending): Settlement {
  return {
    state: stateAfter(failure),
    ...account.usage,
    usageEstimated: account.usageEstimated,
    costMicroUsd: costOf(run.provider, run.model, account.usage),
    finishReason: account.finishReason,
    errorCode: failure?.code ?? null,
    firstByteAt,
    finishedAt,
  }
}

/**
 * Writes the last word on a run, once: a run that is in a final state already (another process took us for dead), or
 * gone with its account, is left as it is. A run counts against its user's plan when the provider began to answer it.
 */
export async function settleRun(
  config: Config,
  scope: UserScope,
  { id, provider }: Pick<Run, 'id' | 'provider'>,
  last: Settlement,
  output: string | null,
): Promise<void> {
  await scope.conclude(async (tx) => {
    const open = { provider, state: runStates.filter((state) => canGo(state, last.state)) }
    const event = { type: 'run.finished', state: last.state } as const
    const ended = await tx.updateWhile(runs, id, open, { ...last, output }, event)
    if (ended) await settleReservation(config, tx, id, last.firstByteAt !== null)
  })
}
