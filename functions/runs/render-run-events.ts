import type { OortError } from '../../core/errors.ts'
import { toProblem } from '../../core/http/problem.ts'
import type { Renderer } from '../../core/runs/relay.ts'
import type { Run } from '../../core/runs/run-order.ts'
import { summaryOf } from './run-summary.ts'

/**
 * Our own words for a streamed run, as server-sent events (WHATWG HTML, section 9.2). Each names its run, so that
 * those of several can share a stream:
 *
 *   run    {runId, run}                          the provider has begun to answer
 *   text   {runId, text}                         more of the answer
 *   usage  {runId, inputTokens, outputTokens}    the provider's count so far
 *   done   {runId, run}                          the run as it stands in the history: the last event
 *   error  {runId, run, …problem}                instead of `done` (RFC 9457)
 */
export function renderRunEvents(begun: Run, requestId: string): Renderer {
  const runId = begun.id
  let opening = eventOf('run', { runId, run: summaryOf(begun) })
  const opened = (frames: string): string => {
    const all = opening + frames
    opening = ''
    return all
  }
  return {
    more(_chunk, events) {
      let frames = ''
      for (const event of events) {
        if (event.type === 'text') frames += eventOf('text', { runId, text: event.text })
        else if (event.type === 'usage') frames += eventOf('usage', { runId, ...event.usage })
      }
      const all = opened(frames)
      return all === '' ? undefined : all
    },
    end(run, failure) {
      return opened(
        failure === undefined ? eventOf('done', { runId, run: summaryOf(run) }) : errorEvent(run, failure, requestId),
      )
    },
  }
}

/** The event of a run that failed, before its answer or within it. */
export function errorEvent(run: Run, failure: OortError, requestId: string): string {
  return eventOf('error', { runId: run.id, run: summaryOf(run), ...toProblem(failure, requestId) })
}

/** One server-sent event. */
export function eventOf(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
