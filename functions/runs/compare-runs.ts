import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { bytes, type Operation, operation } from '../../core/http/operation.ts'
import { newId } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { broadcastRun } from '../../core/runs/broadcast.ts'
import type { Execution, Executor } from '../../core/runs/executor.ts'
import { callerOf } from './caller-of.ts'
import { mergeStreams } from './merge-streams.ts'
import { comparison, orderOf } from './prompt.ts'
import { errorEvent, renderRunEvents } from './render-run-events.ts'
import { tellRun } from './tell-run.ts'
import { workOf } from './work-of.ts'

/**
 * Runs one prompt with two to four models at once, in one stream of events (see renderRunEvents), each of which names
 * its run. All start or none does; from then on the failure of one does not touch the others.
 */
export function compareRuns(platform: Platform, executor: Executor): Operation {
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
      const { models, keepRunning, ...question } = call.body
      const comparisonId = newId('comparison')
      const orders = models.map((model) => ({ ...orderOf(model, question, true), comparisonId }))
      const executions = await executor.start(callerOf(call, keepRunning), orders)
      const streams = executions.map((execution) => eventsOf(execution, call.id, keepRunning ? platform : undefined))
      const work = workOf(executions, keepRunning)
      return bytes(200, 'text/event-stream; charset=utf-8', mergeStreams(streams), {}, work)
    },
  })
}

/** `broadcaster` is given for runs that go on when their caller leaves. */
async function* eventsOf(
  execution: Execution,
  requestId: string,
  broadcaster: Platform | undefined,
): AsyncGenerator<Buffer | string> {
  try {
    if (broadcaster !== undefined) yield* await broadcastRun(broadcaster, execution, tellRun(requestId))
    else yield* (await execution.stream((run) => renderRunEvents(run, requestId))).body
  } catch (error) {
    if (!(error instanceof OortError)) throw error
    yield errorEvent(execution.run, error, requestId)
  }
}
