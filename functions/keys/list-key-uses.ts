import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { AuditRecord } from '../../core/scope/read-audit.ts'

/** The cursor of a page is the `seq` of the last entry on the page before. */
const cursorShape = /^[1-9][0-9]{0,14}$/

const keyUse = z.object({
  /** The entry's place in the user's audit chain. */
  seq: z.int(),
  at: z.int(),
  action: z.string(),
  by: z.enum(['user', 'api_key', 'admin', 'system']),
  /** What the key was opened for, where it was. */
  purpose: z.string().nullable(),
  runId: idOf('run').nullable(),
})

const detail = z.object({ purpose: z.string().optional(), runId: idOf('run').optional() })

/**
 * The ledger of one key, newest first: when it was added, opened (each time, and what for), replaced, deleted. It
 * outlives the key. Another user's key answers exactly like one that never was: NOT_FOUND.
 */
export function listKeyUses(): Operation {
  return operation({
    method: 'GET',
    url: '/api/keys/:keyId/uses',
    access: 'session',
    summary: 'List what a provider key was used for',
    schema: {
      params: z.strictObject({ keyId: idOf('providerKey') }),
      query: z.strictObject({
        cursor: z.string().max(100).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      }),
      response: { 200: z.object({ uses: z.array(keyUse), nextCursor: z.string().nullable() }) },
    },
    async handle({ scope, params: { keyId: targetId }, query: { cursor, limit } }, reply) {
      const entries = await scope.audit({ targetId, ...readCursor(cursor), limit: limit + 1 })
      // An own key has at least the entry that tells of its adding.
      if (entries.length === 0 && (await scope.audit({ targetId, limit: 1 })).length === 0) {
        throw new OortError('NOT_FOUND')
      }
      const page = entries.slice(0, limit)
      const last = entries.length > limit ? page.at(-1) : undefined
      return reply(200, { uses: page.map(useOf), nextCursor: last === undefined ? null : String(last.seq) })
    },
  })
}

function readCursor(cursor: string | undefined): { readonly before?: number } {
  if (cursor === undefined) return {}
  if (!cursorShape.test(cursor)) throw new OortError('CURSOR_INVALID')
  return { before: Number(cursor) }
}

function useOf({ seq, ts: at, action, actorKind: by, detail: told }: AuditRecord): z.output<typeof keyUse> {
  const { purpose = null, runId = null } = detail.parse(told)
  return { seq, at, action, by, purpose, runId }
}
