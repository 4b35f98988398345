import * as z from 'zod'
import type { Verdict } from '../../core/audit/verify-chain.ts'
import { verifyLog } from '../../core/audit/verify-log.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'

const kinds = ['edited', 'dropped', 'reordered', 'inserted', 'truncated', 'rebuilt', 'checkpoint_broken'] as const

const verdict = z.object({
  /** Null where there is a fault, at which the verification stopped. */
  rows: z.int().nullable(),
  chains: z.int().nullable(),
  /** Rows newer than the last checkpoint, whose truncation would not show. */
  unwitnessed: z.int().nullable(),
  /** The first entry that is not as it was written, or the line of the checkpoints from which on they are not ours. */
  fault: z
    .object({
      kind: z.enum(kinds),
      subjectId: z.string().nullable(),
      seq: z.int().nullable(),
      line: z.int().nullable(),
    })
    .nullable(),
})

/** Verifies the whole audit log, which takes some seconds. CONFLICT while another verification is under way. */
export function verifyAudit(platform: Platform): Operation {
  let underWay = false
  return operation({
    method: 'POST',
    url: '/api/admin/audit/verify',
    access: 'admin',
    summary: 'Verify the audit log',
    schema: { response: { 200: verdict } },
    async handle({ scope }, reply) {
      if (underWay) throw new OortError('CONFLICT', { detail: 'A verification is under way.' })
      underWay = true
      try {
        return reply(200, told(await verifyLog(platform, scope)))
      } finally {
        underWay = false
      }
    },
  })
}

function told(found: Verdict): z.output<typeof verdict> {
  if (found.intact) {
    const { rows, chains, unwitnessed } = found
    return { rows, chains, unwitnessed, fault: null }
  }
  const nothing = { rows: null, chains: null, unwitnessed: null }
  const { fault: kind, ...place } = found
  if ('line' in place) return { ...nothing, fault: { kind, subjectId: null, seq: null, line: place.line } }
  return { ...nothing, fault: { kind, subjectId: place.subjectId, seq: place.seq, line: null } }
}
