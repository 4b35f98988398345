import * as z from 'zod'
import { idOf } from '../../core/ids.ts'
import type { Row } from '../../core/scope/owned-table.ts'
import { tokenScopes } from '../../core/session/token-scopes.ts'
import type { apiKeys } from '../../core/store/schema.ts'

/** An issued API key as its owner sees it, without the key. Times are milliseconds since the epoch. */
export const apiKeySummary = z.object({
  id: idOf('apiKey'),
  name: z.string(),
  lastFour: z.string(),
  scopes: z.array(z.enum(tokenScopes)).readonly(),
  expiresAt: z.int().nullable(),
  /** To the minute. */
  lastUsedAt: z.int().nullable(),
  createdAt: z.int(),
})

export function apiKeySummaryOf(row: Row<typeof apiKeys>): z.output<typeof apiKeySummary> {
  const { id, name, lastFour, scopes, expiresAt, lastUsedAt, createdAt } = row
  return { id, name, lastFour, scopes, expiresAt, lastUsedAt, createdAt }
}
