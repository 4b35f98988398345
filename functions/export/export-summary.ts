import * as z from 'zod'
import { minute } from '../../core/clock.ts'
import { idOf } from '../../core/ids.ts'
import type { Row } from '../../core/scope/owned-table.ts'
import type { exports } from '../../core/store/schema.ts'

/** How far an export has come. Times are milliseconds since the epoch. */
export const exportSummary = z.object({
  id: idOf('export'),
  /** `ready` waits for its download; `abandoned` ended before the last byte was taken. */
  state: z.enum(['ready', 'streaming', 'finished', 'abandoned']),
  /** What there was to write when it began; what is added meanwhile can come on top. */
  rowsTotal: z.int(),
  rowsWritten: z.int(),
  /** Of the archive, as sent. */
  bytesWritten: z.int(),
  createdAt: z.int(),
  /** When a `ready` export can no longer be downloaded. */
  expiresAt: z.int(),
  finishedAt: z.int().nullable(),
})

export type ExportRow = Row<typeof exports>

/** A download begins this soon after the password was proven to be known, or not at all. */
const readyFor = 15 * minute
/** A process that streams is heard of every second. Silent for this long, it is gone. */
const silentFor = minute

/** The state of an export now: a row can be older than what became of it. */
export function stateOf(row: ExportRow, now: number): ExportRow['state'] {
  if (row.state === 'ready' && now > row.createdAt + readyFor) return 'abandoned'
  if (row.state === 'streaming' && now > row.progressAt + silentFor) return 'abandoned'
  return row.state
}

export function summaryOf(row: ExportRow, now: number): z.output<typeof exportSummary> {
  const { id, rowsTotal, rowsWritten, bytesWritten, createdAt, finishedAt } = row
  const progress = { rowsTotal, rowsWritten, bytesWritten }
  return { id, state: stateOf(row, now), ...progress, createdAt, expiresAt: createdAt + readyFor, finishedAt }
}
