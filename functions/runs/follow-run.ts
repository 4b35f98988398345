import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { bytes, type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { followRun as follow } from '../../core/runs/broadcast.ts'
import { isFinal } from '../../core/runs/run-state.ts'
import { runs } from '../../core/store/schema.ts'
import { tellEndedRun } from './tell-run.ts'

const events = 'text/event-stream; charset=utf-8'

/**
 * The events of a run from its first word on (see renderRunEvents): live where it was started with `keepRunning` and is
 * under way, from the history where it has ended. CONFLICT for a run under way that goes to its own caller alone, or is
 * another process's. Another user's run answers exactly like a missing one.
 */
export function followRun(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/runs/:runId/events',
    access: 'runs:read',
    summary: 'Follow a run',
    // The answer is a stream of events.
    schema: { params: z.strictObject({ runId: idOf('run') }), response: { 200: z.unknown() } },
    async handle({ id, scope, params: { runId } }) {
      await scope.find(runs, runId)
      const live = follow(platform, runId)
      if (live !== undefined) return bytes(200, events, live)
      const { output, ...run } = await scope.find(runs, runId, ['output'])
      if (!isFinal(run.state))
        throw new OortError('CONFLICT', { detail: 'This run cannot be followed: wait for its end.' })
      return bytes(200, events, Buffer.from(tellEndedRun(run, output, id)))
    },
  })
}
