import { OortError } from '../../core/errors.ts'
import type { Telling } from '../../core/runs/broadcast.ts'
import type { Run } from '../../core/runs/run-order.ts'
import { errorEvent, eventOf, renderRunEvents } from './render-run-events.ts'
import { summaryOf } from './run-summary.ts'

/** How a broadcast run is told, in the words of renderRunEvents. Who comes late gets the text so far in one piece. */
export function tellRun(requestId: string): Telling {
  return {
    renderer: (run) => renderRunEvents(run, requestId),
    soFar(run, text, usage) {
      if (text === null) return ''
      const runId = run.id
      const opening = eventOf('run', { runId, run: summaryOf(run) })
      const said = text === '' ? '' : eventOf('text', { runId, text })
      return opening + said + (usage === undefined ? '' : eventOf('usage', { runId, ...usage }))
    },
    failed: (run, failure) => errorEvent(run, failure, requestId),
  }
}

/** The same for a run that stands in the history: all of it at once. */
export function tellEndedRun(run: Run, output: string | null, requestId: string): string {
  const { inputTokens, outputTokens, errorCode } = run
  const before = tellRun(requestId).soFar(run, output, { inputTokens, outputTokens })
  if (run.state === 'succeeded') return before + eventOf('done', { runId: run.id, run: summaryOf(run) })
  const code = summaryOf(run).errorCode ?? 'RUN_CANCELLED'
  return before + errorEvent({ ...run, errorCode }, new OortError(code), requestId)
}
