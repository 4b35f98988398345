import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import type { UserTransaction } from '../../core/scope/user-scope.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { demandRecentProof } from '../../core/session/demand-recent-proof.ts'
import { exports } from '../../core/store/schema.ts'
import { exportSummary, stateOf, summaryOf } from './export-summary.ts'
import { countRows } from './sections/count-rows.ts'

/**
 * Prepares an export, which its download then makes: until then nothing is written anywhere. An export that waits for
 * its download gives way to a new one; one that is being downloaded does not (CONFLICT).
 */
export function startExport(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/export',
    access: 'session',
    summary: 'Prepare an archive of all that the account owns',
    limit: { calls: 20, perSeconds: 3_600 },
    schema: { response: { 202: exportSummary } },
    async handle({ scope, identity }, reply) {
      const now = platform.clock()
      demandRecentProof(identity, now)
      const rowsTotal = await countRows(scope)
      const row = await scope.write(async (tx) => {
        await endOthers(tx, now)
        const fresh = { sessionId: currentSession(identity), state: 'ready', rowsTotal, progressAt: now } as const
        return tx.insert(exports, fresh, { type: 'export.started' })
      })
      return reply(202, summaryOf(row, now))
    },
  })
}

async function endOthers(tx: UserTransaction, now: number): Promise<void> {
  const others = await tx.list(exports, { where: { state: ['ready', 'streaming'] }, limit: 10 })
  for (const other of others) {
    if (stateOf(other, now) === 'streaming') {
      throw new OortError('CONFLICT', { detail: 'An export is being downloaded: wait until it ends, or cancel it.' })
    }
    const reason = other.state === 'ready' ? 'replaced' : 'stalled'
    await tx.update(exports, other.id, { state: 'abandoned', finishedAt: now }, { type: 'export.abandoned', reason })
  }
}
