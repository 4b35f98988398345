import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { idOf } from '../../core/ids.ts'
import { providers } from '../../core/providers/provider.ts'
import type { Row } from '../../core/scope/owned-table.ts'
import type { ScopedReads } from '../../core/scope/user-scope.ts'
import { providerKeys } from '../../core/store/schema.ts'

/** A provider key as its owner sees it. The key itself is never among it. Times are milliseconds since the epoch. */
export const keySummary = z.object({
  id: idOf('providerKey'),
  provider: z.enum(providers),
  label: z.string(),
  lastFour: z.string(),
  fingerprint: z.string(),
  /** When the provider last accepted the key; null before that, and after it refused the key. */
  verifiedAt: z.int().nullable(),
  /** When the key was last opened, for a run or for a check. */
  lastUsedAt: z.int().nullable(),
  createdAt: z.int(),
  /** When the key was last replaced or relabelled. */
  updatedAt: z.int(),
})

export type KeySummary = z.output<typeof keySummary>

/** Completes a row by its last use, which the audit log tells. */
export async function summaryOf(scope: ScopedReads, row: Row<typeof providerKeys>): Promise<KeySummary> {
  const { id, provider, label, lastFour, fingerprint, verifiedAt, createdAt, updatedAt } = row
  const [use] = await scope.audit({ targetId: id, action: 'key.used', limit: 1 })
  const lastUsedAt = use?.ts ?? null
  return { id, provider, label, lastFour, fingerprint, verifiedAt, lastUsedAt, createdAt, updatedAt }
}

/** Throws CONFLICT, with the id that it has, when the user holds a key already. */
export async function refuseHeld(scope: ScopedReads, fingerprint: string): Promise<void> {
  const [held] = await scope.list(providerKeys, { where: { fingerprint }, limit: 1 })
  if (held !== undefined) throw new OortError('CONFLICT', { detail: `You have added this key before, as ${held.id}.` })
}
