import { minute } from '../../core/clock.ts'
import { bytes, type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { longestAnswer } from '../../core/providers/upstream.ts'
import { broadcastRun } from '../../core/runs/broadcast.ts'
import { type Executor, runIdHeader } from '../../core/runs/executor.ts'
import { callerOf } from './caller-of.ts'
import { orderOf, singleRun } from './prompt.ts'
import { renderRunEvents } from './render-run-events.ts'
import { detailOf, runDetail } from './run-detail.ts'
import { tellRun } from './tell-run.ts'
import { workOf } from './work-of.ts'

/**
 * Runs a prompt. Answers a stream of events (see renderRunEvents) or, with `stream: false`, the finished run. A provider
 * that refuses before its answer begins is answered for with its error's status; the run is kept as failed.
 */
export function createRun(platform: Platform, executor: Executor): Operation {
  return operation({
    method: 'POST',
    url: '/api/runs',
    access: 'runs:create',
    summary: 'Run a prompt with your own key',
    idempotent: true,
    bodyLimit: 1_024 * 1_024,
    patience: longestAnswer + minute,
    schema: { body: singleRun, response: { 200: runDetail } },
    async handle(call, reply) {
      // Not the whole call, which a stream would then hold to its end.
      const { id } = call
      const { model, stream, keepRunning, providerKeyId, ...question } = call.body
      const order = { ...orderOf(model, question, stream), providerKeyId }
      const [execution] = await executor.start(callerOf(call, keepRunning), [order])
      if (execution === undefined) throw new RangeError('one order, no run')
      const headers = { [runIdHeader]: execution.run.id }
      if (stream) {
        const body = keepRunning
          ? await broadcastRun(platform, execution, tellRun(id))
          : (await execution.stream((run) => renderRunEvents(run, id))).body
        return bytes(200, 'text/event-stream; charset=utf-8', body, headers, workOf([execution], keepRunning))
      }
      const { run, answer } = await execution.answer()
      return reply(200, detailOf(run, order.prompt, answer.text), headers)
    },
  })
}
