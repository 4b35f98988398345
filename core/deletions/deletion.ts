import * as z from 'zod'
import type { AuditEvent } from '../audit/events.ts'
import type { UserId } from '../ids.ts'

/**
 * The events after which something must never come back, not even with a backup that was made before: what a person
 * deleted, and what no longer opens anything. A key that was replaced is among them, for its old secret.
 */
export const deletionActions = [
  'user.deleted',
  'key.deleted',
  'key.replaced',
  'run.deleted',
  'api_key.revoked',
  'passkey.removed',
  'recovery_code.used',
  'recovery_code.withdrawn',
] as const satisfies readonly AuditEvent['type'][]

export type DeletionAction = (typeof deletionActions)[number]

/** That something was deleted: an id and a time, and nothing of what it was. */
export interface Deletion {
  /** The time of the audit entry that tells of it. */
  readonly at: number
  readonly subjectId: UserId
  readonly action: DeletionAction
  readonly targetId: string
}

export const ledgerFile = 'deletions.ndjson'

/**
 * A line of the ledger: its name (the first line), a deletion, or a mark that says how far the audit log was read.
 * `row` is how many audit rows there were.
 */
const line = z.union([
  z.object({ ledger: z.uuid() }),
  z.object({
    row: z.int(),
    at: z.int(),
    subject: z.string(),
    action: z.enum(deletionActions),
    target: z.string(),
  }),
  z.object({ row: z.int() }),
])

export function formatLine(value: z.input<typeof line>): string {
  return `${JSON.stringify(value)}\n`
}

/** The deletion that a line tells of, or undefined for any other. Throws where it is no line of a ledger. */
export function deletionIn(text: string): Deletion | undefined {
  const parsed = line.parse(JSON.parse(text))
  if (!('at' in parsed)) return undefined
  return { at: parsed.at, subjectId: parsed.subject as UserId, action: parsed.action, targetId: parsed.target }
}

/** The name of the ledger whose first line this is. */
export function ledgerNamed(text: string): string | undefined {
  const parsed = line.parse(JSON.parse(text))
  return 'ledger' in parsed ? parsed.ledger : undefined
}

/** How far the audit log had been read when the line was written. */
export function rowIn(text: string): number {
  const parsed = line.parse(JSON.parse(text))
  return 'row' in parsed ? parsed.row : 0
}
