/**
 * The life of a run:
 * queued → streaming → succeeded | failed | cancelled, and interrupted when the process died in between.
 */
export const transitions = {
  queued: ['streaming', 'failed', 'cancelled', 'interrupted'],
  streaming: ['succeeded', 'failed', 'cancelled', 'interrupted'],
  succeeded: [],
  failed: [],
  cancelled: [],
  interrupted: [],
} as const satisfies Record<string, readonly string[]>

export type RunState = keyof typeof transitions
export type FinalState = 'succeeded' | 'failed' | 'cancelled' | 'interrupted'

export const runStates = Object.keys(transitions) as readonly RunState[]

/** True when a run in state `from` may go to state `to`. */
export function canGo(from: RunState, to: RunState): boolean {
  return (transitions[from] as readonly RunState[]).includes(to)
}

/** True for a state that no run leaves. */
export function isFinal(state: RunState): state is FinalState {
  return transitions[state].length === 0
}
