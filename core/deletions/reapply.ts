import { and, eq } from 'drizzle-orm'
import { OortError } from '../errors.ts'
import { newId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import type { EventOn, OwnedTable, RowId, Where } from '../scope/owned-table.ts'
import { createUserScope, type UserTransaction } from '../scope/user-scope.ts'
import { apiKeys, auditEvents, passkeys, providerKeys, recoveryCodes, runs } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Deletion, DeletionAction } from './deletion.ts'

/** Deletions that share one commit. */
const atOnce = 100

/** How often each action had to be done again. */
export type Reapplied = Partial<Record<DeletionAction, number>>

/**
 * Deletes again what a restored database still has. Each deletion leaves an entry of its own in the audit chain, by
 * the system. What the database itself was told of before it was copied is left alone, and so is what it never had.
 * Follow it with `Store.eraseTraces`.
 */
export async function reapplyDeletions(platform: Platform, deletions: AsyncIterable<Deletion>): Promise<Reapplied> {
  const reapplied: Reapplied = {}
  let batch: Deletion[] = []
  const settle = async () => {
    const done = await Promise.all(batch.map((deletion) => reapply(platform, deletion)))
    batch.forEach(({ action }, at) => {
      if (done[at] === true) reapplied[action] = (reapplied[action] ?? 0) + 1
    })
    batch = []
  }
  for await (const deletion of deletions) {
    batch.push(deletion)
    if (batch.length === atOnce) await settle()
  }
  await settle()
  return reapplied
}

async function reapply(platform: Platform, deletion: Deletion): Promise<boolean> {
  const { store, keyring, clock } = insideOf(platform)
  const { subjectId, action, targetId } = deletion
  if (await isKnown(store, deletion)) return false
  const actor = { kind: 'system', id: platform.instanceId, requestId: newId('request') } as const
  return createUserScope({ store, keyring, clock }, subjectId, actor).write((tx) => removals[action](tx, targetId))
}

/** Whether the database was told of it: then it is done, or had been undone by what came after. */
async function isKnown({ read }: Store, { subjectId, at, action, targetId }: Deletion): Promise<boolean> {
  const told = and(
    eq(auditEvents.targetId, targetId),
    eq(auditEvents.subjectId, subjectId),
    eq(auditEvents.action, action),
    eq(auditEvents.ts, at),
  )
  const known = await read.select({ seq: auditEvents.seq }).from(auditEvents).where(told).limit(1)
  return known.length > 0
}

type Removal = (tx: UserTransaction, targetId: string) => Promise<boolean>

const removals: Readonly<Record<DeletionAction, Removal>> = {
  'user.deleted': eraseAccount,
  'key.deleted': removal(providerKeys, { type: 'key.deleted' }),
  // Of a key that was replaced the database has the old secret alone.
  'key.replaced': removal(providerKeys, { type: 'key.deleted' }),
  'run.deleted': deleteRun,
  'api_key.revoked': removal(apiKeys, { type: 'api_key.revoked' }),
  'passkey.removed': removal(passkeys, { type: 'passkey.removed' }),
  'recovery_code.used': removal(recoveryCodes, { type: 'recovery_code.withdrawn' }),
  'recovery_code.withdrawn': removal(recoveryCodes, { type: 'recovery_code.withdrawn' }),
}

function removal<T extends OwnedTable>(table: T, event: EventOn<T>): Removal {
  return async (tx, targetId) => {
    const id = targetId as RowId<T>
    if ((await tx.count(table, { id } as unknown as Where<T>)) === 0) return false
    await tx.delete(table, id, event)
    return true
  }
}

/** With the answers that were kept for its request. */
async function deleteRun(tx: UserTransaction, targetId: string): Promise<boolean> {
  const [run] = await tx.list(runs, { where: { id: targetId as RowId<typeof runs> }, limit: 1 })
  if (run === undefined) return false
  await tx.delete(runs, run.id, { type: 'run.deleted' })
  await tx.forgetAnswers(run.createdAt)
  return true
}

async function eraseAccount(tx: UserTransaction): Promise<boolean> {
  const profile = await tx.profile().catch(undefinedWhereMissing)
  if (profile === undefined) return false
  // Whoever took the office over came after the copy was made: the promise to delete outranks having an administrator.
  const event = { type: 'user.role_changed', role: 'user', reason: 'user_request' } as const
  if (profile.role === 'admin') await tx.updateProfile({ role: 'user' }, event)
  await tx.eraseAccount()
  return true
}

function undefinedWhereMissing(error: unknown): undefined {
  if (error instanceof OortError && error.code === 'NOT_FOUND') return undefined
  throw error
}
