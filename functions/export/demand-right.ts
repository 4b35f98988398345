import { OortError } from '../../core/errors.ts'
import type { ScopedReads } from '../../core/scope/user-scope.ts'
import { exports, sessions } from '../../core/store/schema.ts'
import type { ClaimedExport } from './claim-export.ts'

/**
 * A download can outlast the right to it. Throws UNAUTHENTICATED once the session or the account is gone, every session
 * was ended, or another process took the export for abandoned.
 */
export async function demandRight(scope: ScopedReads, { exportId, sessionId, epoch }: ClaimedExport): Promise<void> {
  const rows = await Promise.all([
    scope.profile(),
    scope.find(sessions, sessionId),
    scope.find(exports, exportId),
  ]).catch((error: unknown) => {
    if (error instanceof OortError && error.code === 'NOT_FOUND') throw new OortError('UNAUTHENTICATED')
    throw error
  })
  const [profile, , { state }] = rows
  if (profile.epoch !== epoch || state !== 'streaming') throw new OortError('UNAUTHENTICATED')
}
