import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ExportEnd } from '../../core/audit/events.ts'
import { second } from '../../core/clock.ts'
import { OortError } from '../../core/errors.ts'
import type { ExportSigner } from '../../core/export/signer.ts'
import { hasCode } from '../../core/has-code.ts'
import type { Platform } from '../../core/platform.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import { exports } from '../../core/store/schema.ts'
import type { ClaimedExport } from './claim-export.ts'
import { demandRight } from './demand-right.ts'
import { writeArchive } from './write-archive.ts'

/** An archive on its way. */
export interface Delivery {
  readonly archive: Readable
  /** Answers when the end, whichever it was, is written down. */
  readonly settled: Promise<void>
  giveUp(reason: ExportEnd): void
}

/** Progress is written down, and the right to go on is looked at, this often. */
const watchEvery = second

/** Begins the archive of a claimed export and follows it to its end. */
export function deliver(platform: Platform, signer: ExportSigner, scope: UserScope, claimed: ClaimedExport): Delivery {
  const { exportId, moment } = claimed
  const { clock, log } = platform
  const progress = { rowsWritten: 0, bytesWritten: 0 }
  let cause: ExportEnd | undefined

  const giveUp = (reason: ExportEnd, error?: unknown): void => {
    if (archive.closed) return
    cause ??= reason
    archive.destroy(error instanceof Error ? error : new OortError('SHUTTING_DOWN'))
  }
  const checkRight = async (): Promise<void> => {
    try {
      await demandRight(scope, claimed)
    } catch (error) {
      giveUp(error instanceof OortError && error.code === 'UNAUTHENTICATED' ? 'revoked' : 'failed', error)
      throw error
    }
  }
  const archive = writeArchive({
    scope,
    exportId,
    moment,
    signer,
    onRows: (rows) => {
      progress.rowsWritten += rows
    },
    onBytes: (bytes) => {
      progress.bytesWritten += bytes
    },
    beforeSealing: checkRight,
  })

  let watching = false
  const watch = async (): Promise<void> => {
    if (watching) return
    watching = true
    try {
      await checkRight()
      await scope.touch(exports, exportId, { ...progress, progressAt: clock() })
    } catch (error) {
      log.warn({ err: error, exportId }, 'export watched in vain')
    } finally {
      watching = false
    }
  }

  const settle = async (): Promise<void> => {
    const timer = setInterval(() => void watch(), watchEvery)
    try {
      await finished(archive)
      await end('finished', { type: 'export.finished', rows: progress.rowsWritten })
    } catch (error) {
      const gone = hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')
      const reason = cause ?? (gone ? 'client_gone' : 'failed')
      log.warn({ err: error, exportId, reason }, 'export abandoned')
      await end('abandoned', { type: 'export.abandoned', reason })
    } finally {
      clearInterval(timer)
    }
  }
  const end = async (
    state: 'finished' | 'abandoned',
    event: { type: 'export.finished'; rows: number } | { type: 'export.abandoned'; reason: ExportEnd },
  ): Promise<void> => {
    await scope.conclude(async (tx) => {
      const row = await tx.find(exports, exportId)
      if (row.state !== 'streaming') return
      const rowsTotal = state === 'finished' ? progress.rowsWritten : row.rowsTotal
      await tx.update(exports, exportId, { ...progress, rowsTotal, state, finishedAt: clock() }, event)
    })
  }
  const settled = settle().catch((error: unknown) => {
    log.warn({ err: error, exportId }, 'end of an export not written down')
  })
  return { archive, settled, giveUp }
}
