import type { StreamedWork } from '../../core/http/operation.ts'
import type { Execution } from '../../core/runs/executor.ts'

/** The work behind the stream of one or several runs. Where one of several succeeded, it is paid for: none is tried again. */
export function workOf(executions: readonly Execution[], keepRunning = false): StreamedWork {
  return {
    outlivesCaller: keepRunning,
    failed: () => executions.every(({ run }) => run.state !== 'succeeded'),
  }
}
