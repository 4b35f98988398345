import { OortError } from '../../core/errors.ts'
import type { Id, SessionId } from '../../core/ids.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import { exports } from '../../core/store/schema.ts'
import { stateOf } from './export-summary.ts'
import type { Moment } from './sections/section.ts'

/** An export that one download has made its own. */
export interface ClaimedExport {
  readonly exportId: Id<'export'>
  readonly sessionId: SessionId
  /** The account's then: a rise means that every session was ended. */
  readonly epoch: number
  readonly moment: Moment
}

/**
 * Takes a ready export for a download, once. Throws NOT_FOUND, for an export of another user as for a missing one, and
 * CONFLICT when it is not ready, not any more, or was prepared in another session.
 */
export async function claimExport(
  scope: UserScope,
  exportId: Id<'export'>,
  sessionId: SessionId,
  now: number,
): Promise<ClaimedExport> {
  return scope.write(async (tx) => {
    const row = await tx.find(exports, exportId)
    if (stateOf(row, now) !== 'ready' || row.sessionId !== sessionId) {
      throw new OortError('CONFLICT', {
        detail: 'An export can be downloaded once, soon after and where it was begun.',
      })
    }
    await tx.update(exports, exportId, { state: 'streaming', progressAt: now }, { type: 'export.streaming' })
    const { epoch } = await tx.profile()
    const [newest] = await tx.audit({ limit: 1 })
    const [head] = await tx.chain({ after: (newest?.seq ?? 0) - 1, limit: 1 })
    if (head === undefined) throw new OortError('INTERNAL')
    return { exportId, sessionId, epoch, moment: { madeAt: now, audit: { entries: head.seq, head: head.hash } } }
  })
}
