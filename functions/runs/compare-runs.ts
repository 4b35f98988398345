import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { bytes, type Operation, operation } from '../../core/http/operation.ts'
import { newId } from '../../core/ids.ts'
import type { Execution, Executor } from '../../core/runs/executor.ts'
import { callerOf } from './caller-of.ts'
import { mergeStreams } from './merge-streams.ts'
import { comparison, orderOf } from './prompt.ts'
import { errorEvent, renderRunEvents } from './render-run-events.ts'

/**
 * Runs one prompt with two to four models at once, in one stream of events (see renderRunEvents), each of which names
 * its run. All start or none does; from then on the failure of one does not touch the others.
 */
export function compareRuns(executor: Executor): Operation {
  return operation({
    method: 'POST',
    url: '/api/runs/compare',
    access: 'runs:create',
    summary: 'Run a prompt with several models at once',
    idempotent: true,
    bodyLimit: 1_024 * 1_024,
    // The answer is a stream of events.
    schema: { body: comparison, response: { 200: z.unknown() } },
    async handle(call) {
      const { models, ...question } = call.body
      const comparisonId = newId('comparison')
      const orders = models.map((model) => ({ ...orderOf(model, question, true), comparisonId }))
      const executions = await executor.start(callerOf(call), orders)
      const streams = executions.map((execution) => eventsOf(execution, call.id))
      return bytes(200, 'text/event-stream; charset=utf-8', mergeStreams(streams))
    },
  })
}

async function* eventsOf(execution: Execution, requestId: string): AsyncGenerator<Buffer | string> {
  try {
    const { body } = await execution.stream((run) => renderRunEvents(run, requestId))
    yield* body
  } catch (error) {
    if (!(error instanceof OortError)) throw error
    yield errorEvent(execution.run, error, requestId)
  }
}
